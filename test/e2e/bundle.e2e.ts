/** `packages/cli/dist`, which every process runs and the npm package has. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { expect, it, onTestFinished } from "vitest";
import { Stack } from "../support/stack.js";

const cli = join(import.meta.dirname, "../../packages/cli");
const dist = join(cli, "dist");
const STATIC_IMPORT = /^(?:import|export)\b[^"';]*?(?:\bfrom )?"([^"]+)";$/gm;
const { imports } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8")) as {
  readonly imports: Readonly<Record<string, string | { readonly default: string }>>;
};
const entries = Object.values(imports).map((target) =>
  typeof target === "string" ? target : target.default,
);

/** What the entries lead to: older builds may have left other files there. */
const scripts = entries.filter((file) => file.startsWith("./dist/")).map((file) => basename(file));
for (const script of scripts)
  for (const [, name = ""] of readFileSync(join(dist, script), "utf8").matchAll(/"\.\/([\w.-]+\.js)"/g))
    if (!scripts.includes(name) && existsSync(join(dist, name))) scripts.push(name);

it("has what `imports` of its package.json name", () => {
  expect(entries.filter((file) => !existsSync(join(cli, file)))).toEqual([]);
});

it("gives `import()` the names of a module of CommonJS, not its default only", () => {
  const bare = /^export default require_\w+\(\);$/m;
  expect(scripts.filter((script) => bare.test(readFileSync(join(dist, script), "utf8")))).toEqual([]);
});

it("lets `latchkey --version` read a few small files", () => {
  const read = new Set<string>();
  const follow = (script: string): void => {
    if (read.has(script)) return;
    read.add(script);
    for (const [, name = ""] of readFileSync(join(dist, script), "utf8").matchAll(STATIC_IMPORT))
      if (name.startsWith("./")) follow(name.slice(2));
  };
  follow(scripts.find((name) => name.startsWith("main-")) ?? "");
  const bytes = [...read].reduce((sum, script) => sum + readFileSync(join(dist, script)).length, 0);
  expect(read.size).toBeGreaterThan(1);
  // A verb more adds some kilobytes; what a verb loads when it runs would add a megabyte.
  expect(bytes).toBeLessThan(320 * 1024);
});

it("serves the schema of the sources: a bundler may rename classes, whose names are those of types", async () => {
  await using stack = await Stack.start({ nodes: 0 });
  const served = buildClientSchema(
    await stack.graphql<IntrospectionQuery>(
      getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, oneOf: true }),
    ),
  );
  const schema = readFileSync(join(cli, "../control-plane/schema.graphql"), "utf8");
  expect(`${printSchema(lexicographicSortSchema(served))}\n`).toBe(schema);
});

/** The command as npm 12 installs it where no script may run: better-sqlite3 without its binary. */
function installWithoutBinary(folder: string): string {
  const modules = join(cli, "../../node_modules");
  cpSync(cli, join(folder, "latchkey"), {
    recursive: true,
    filter: (path) => !/[\\/](?:src|\.turbo)$/.test(path),
  });
  for (const name of ["better-sqlite3/lib", "better-sqlite3/package.json", "bindings", "file-uri-to-path"])
    cpSync(join(modules, name), join(folder, "node_modules", name), { recursive: true });
  return join(folder, "latchkey/bin/latchkey.js");
}

it.each([
  ["is missing", null],
  ["is none for this Node.js", "no ELF"],
])("says what to do where the binary of better-sqlite3 %s", (_title, binary) => {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-no-binary-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = installWithoutBinary(folder);
  if (binary !== null) {
    mkdirSync(join(folder, "node_modules/better-sqlite3/build/Release"), { recursive: true });
    writeFileSync(join(folder, "node_modules/better-sqlite3/build/Release/better_sqlite3.node"), binary);
  }
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/latchkey.db"), "");
  const run = (...args: readonly string[]) => {
    const env = {
      ...process.env,
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: "a-token-for-this-test",
      LATCHKEY_TOKEN: undefined,
      XDG_CONFIG_HOME: folder,
      NODE_OPTIONS: undefined,
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  const advice =
    /^better-sqlite3 has no binary for Node\.js [\d.]+: run `npm rebuild better-sqlite3` .*"allowScripts".*$/;
  for (const args of [["control-plane"], ["backup", "copy.db"]]) {
    const { status, stderr } = run(...args);
    expect([status, stderr.trim()], args.join(" ")).toEqual([1, expect.stringMatching(advice)]);
  }
  const { status, stdout } = run("doctor", "--json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ level: "problem", subject: "sqlite" }));
});
