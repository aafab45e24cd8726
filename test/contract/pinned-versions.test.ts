/** SECURITY.md, "Dependencies": versions are pinned, each with its hash. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly link?: boolean; readonly integrity?: string }>>;
}

const root = join(import.meta.dirname, "../..");
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), "utf8"));
/** `0.1.0`, `npm:@scope/name@1.2.3`; packages of this repository are `*`. */
const EXACT = /^(?:npm:.+@)?\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

it("every package names exact versions", () => {
  const files = execFileSync("git", ["ls-files", "package.json", "*/package.json"], { cwd: root })
    .toString()
    .trim()
    .split("\n");
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap(rangesOf)).toEqual([]);
});

it("the lockfile has a hash for every package", () => {
  const { packages } = read("package-lock.json") as Lock;
  const installed = Object.entries(packages).filter(([path]) => path.includes("node_modules/"));
  expect(installed.length).toBeGreaterThan(500);
  const without = installed.filter(([, { link, integrity }]) => link !== true && integrity === undefined);
  expect(without.map(([path]) => path)).toEqual([]);
});

function rangesOf(file: string): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies } = read(file) as Manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([name, version]) => !EXACT.test(version) && !(name.startsWith("@latchkey/") && version === "*"))
    .map(([name, version]) => `${file}: ${name} ${version}`);
}
