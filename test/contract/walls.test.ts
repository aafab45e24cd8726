/** The import table of ARCHITECTURE.md, held against every source file and every package.json. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a package may import of ours, and in which files only, where that is limited. */
const walls: Readonly<Record<string, Readonly<Record<string, RegExp | true>>>> = {
  proto: {},
  core: {},
  http1: { core: true },
  config: { core: true },
  observe: { core: true },
  router: { core: true },
  validation: { core: true },
  openapi: { core: true, validation: true },
  snapshot: { core: true, proto: /^src\/codec\.ts$/ },
  "control-plane": {
    core: true,
    snapshot: true,
    proto: /^src\/(snapshot|modules\/node)\//,
    config: true,
    observe: true,
    router: true,
    openapi: true,
    validation: true,
  },
  ingress: {
    core: true,
    snapshot: true,
    proto: /^src\/(sync|usage|workers)\//,
    router: true,
    http1: true,
    config: true,
    observe: true,
    validation: true,
  },
  console: {},
  cli: {
    "control-plane": true,
    ingress: true,
    openapi: true,
    config: true,
    core: true,
    observe: true,
  },
  testkit: { core: true, proto: true, snapshot: true },
};

/** What a folder of a package may import of the package's other folders. Only files outside of folders may import all. */
const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  http1: {
    codec: [],
    io: ["codec"],
    server: ["codec", "io"],
    client: ["codec", "io"],
  },
};

/** Packages of others that a plane must never touch. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  ingress: ["graphql", "kysely", "better-sqlite3", "@apollo/server", "type-graphql"],
  "control-plane": ["uWebSockets.js", "undici"],
  core: ["*"],
};

/** In the exports map of its package, and imported before the rest of it is loaded. */
const firstImports: readonly string[] = ["@latchkey/observe/prepare-process", "@latchkey/observe/release"];

interface SourceFile {
  readonly path: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

function sourceFiles(name: string): SourceFile[] {
  const folder = join(root, "packages", name);
  return readdirSync(join(folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name));
      const text = readFileSync(join(folder, path), "utf8");
      const imports = [...text.matchAll(/(?:from\s+|import\(\s*|^import\s+)"([^"]+)"/gm)].map(
        (match) => match[1] ?? "",
      );
      return { path, isTest: /\.(test|cases|bench)\.tsx?$|\/testing\//.test(path), imports };
    });
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

const packages = readdirSync(join(root, "packages"));

describe("import walls", () => {
  it("knows every package", () => {
    expect([...packages].sort()).toEqual(Object.keys(walls).sort());
  });

  it.each(packages)("%s imports only what its walls allow, declared and by package name", (name) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    };
    const shipped = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
    const allowed = walls[name] ?? {};
    const problems: string[] = [];
    for (const file of sourceFiles(name)) {
      for (const specifier of file.imports) {
        if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
        const imported = packageOf(specifier);
        if (imported.startsWith("@latchkey/")) {
          if (specifier !== imported && !firstImports.includes(specifier))
            problems.push(`${file.path}: deep import ${specifier}`);
          if (file.isTest) continue;
          const rule = allowed[imported.slice("@latchkey/".length)];
          const inside = rule === true || (rule instanceof RegExp && rule.test(file.path));
          if (!inside) problems.push(`${file.path} may not import ${imported}`);
        }
        if (file.isTest) continue;
        if (!shipped.has(imported) && manifest.devDependencies?.[imported] === undefined)
          problems.push(`${file.path}: ${imported} is not declared in package.json`);
        const banned = forbidden[name] ?? [];
        if (banned.includes(imported) || (banned.includes("*") && !imported.startsWith("@latchkey/")))
          problems.push(`${file.path} must never import ${imported}`);
      }
    }
    expect(problems).toEqual([]);
  });
});

describe.each(Object.entries(rooms))("rooms of %s", (name, allowed) => {
  const files = sourceFiles(name).filter((file) => !file.isTest);

  it("are the folders of its sources", () => {
    const folders = files.map(({ path }) => path.split("/").slice(1, -1).join("/"));
    expect([...new Set(folders)].sort()).toEqual(["", ...Object.keys(allowed)].sort());
  });

  it.each(Object.entries(allowed))("%s imports only what it may", (room, others) => {
    const folder = `src/${room}`;
    const problems = files
      .filter(({ path }) => path.startsWith(`${folder}/`))
      .flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => relative("src", join(folder, specifier)).split("/").slice(0, -1).join("/"))
          .filter((imported) => imported !== room && !others.includes(imported))
          .map((imported) => `${path} may not import ${imported === "" ? "the package's face" : imported}`),
      );
    expect(problems).toEqual([]);
  });
});

it("all packages have one release", () => {
  const releases = new Set(
    readdirSync(join(root, "packages")).map(
      (name) =>
        (
          JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
            version: string;
          }
        ).version,
    ),
  );
  expect(releases.size).toBe(1);
});
