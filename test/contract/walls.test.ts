/** The import table of ARCHITECTURE.md, held against every source file and every package.json. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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
  snapshot: { core: true, proto: /^src\/(?:[a-z]+-)?codec\.ts$/ },
  "control-plane": {
    core: true,
    snapshot: true,
    proto: /^src\/snapshot\//,
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
  client: {},
  testkit: { core: true, http1: true, proto: true, snapshot: true },
};

/**
 * What a room (a folder of a package's sources, with those inside of it) may import of the package's other rooms, and of
 * the files outside of rooms, which may import all.
 */
const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  http1: {
    codec: [],
    io: ["codec"],
    server: ["codec", "io"],
    client: ["codec", "io"],
  },
  "control-plane": {
    errors: [],
    "pub-sub": [],
    db: ["errors"],
    forms: ["errors"],
    graphql: ["db", "errors"],
    auth: ["errors", "modules"],
    "unit-of-work": ["auth", "db", "errors", "modules", "snapshot"],
    snapshot: ["db", "unit-of-work"],
    receipts: ["db", "errors", "graphql", "graphql-app", "nodes", "pub-sub", "unit-of-work"],
    overview: ["graphql", "graphql-app", "modules", "traffic"],
    messages: ["db", "errors", "graphql", "graphql-app", "modules", "nodes", "pub-sub", "snapshot"],
    traffic: ["db", "graphql", "graphql-app", "modules", "nodes", "pub-sub", "snapshot"],
    nodes: [
      "db",
      "errors",
      "forms",
      "graphql",
      "graphql-app",
      "modules",
      "pub-sub",
      "receipts",
      "snapshot",
      "traffic",
      "unit-of-work",
    ],
    modules: [
      "auth",
      "db",
      "errors",
      "forms",
      "graphql",
      "graphql-app",
      "receipts",
      "snapshot",
      "unit-of-work",
    ],
    "graphql-app": [
      "auth",
      "graphql",
      "messages",
      "modules",
      "nodes",
      "overview",
      "pub-sub",
      "receipts",
      "snapshot",
      "traffic",
      "unit-of-work",
      "services.js",
    ],
    http: ["auth", "errors", "graphql", "graphql-app", "modules", "services.js", "traffic"],
  },
};

/** The only files of the control plane's graphql-app/ that resolvers may import. */
const appFiles: readonly string[] = ["graphql-app/request-context.js", "graphql-app/live-queries.js"];

/** Packages of others that a plane must never touch. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  ingress: ["graphql", "kysely", "better-sqlite3", "@apollo/server", "type-graphql"],
  "control-plane": ["uWebSockets.js", "undici"],
  core: ["*"],
};

/** In the exports map of its package, and imported without the rest of it. */
const firstImports: readonly string[] = [
  "@latchkey/observe/prepare-process",
  "@latchkey/observe/release",
  "@latchkey/core/loopback",
  "@latchkey/observe/private-files",
  "@latchkey/observe/terminal-text",
  "@latchkey/control-plane/sqlite-addon",
  "@latchkey/testkit/postgres",
  "@latchkey/testkit/undici",
];

interface SourceFile {
  readonly path: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

function sourceFiles(name: string): SourceFile[] {
  const folder = join(root, "packages", name);
  return readdirSync(join(folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => sourceFile(folder, relative(folder, join(entry.parentPath, entry.name))));
}

function sourceFile(folder: string, path: string): SourceFile {
  const text = readFileSync(join(folder, path), "utf8");
  const imports = [...text.matchAll(/(?:from\s+|import\(\s*|^import\s+)"([^"]+)"/gm)].map(
    (match) => match[1] ?? "",
  );
  return { path, isTest: /\.(test|cases|bench)\.tsx?$|\/testing\//.test(path), imports };
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

const packages = readdirSync(join(root, "packages"));

/** What they measure or break is inside of a package, which exports none of it. */
const insideOfPackages: readonly string[] = [
  "bench/control-plane/seed.ts",
  "bench/control-plane/server.ts",
  "bench/ingress/key-lookup.ts",
  "test/fault/database.e2e.ts",
  "test/fault/lies.e2e.ts",
  "test/fault/support/database-opener.mjs",
  "test/fault/support/lkg-writer.mjs",
];

it("tests and benchmarks import packages by their names", () => {
  const files = ["test", "bench"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(?:ts|mjs)$/.test(path) && !path.includes("node_modules"))
      .map((path) => sourceFile(root, join(folder, path))),
  );
  const byPath = files.filter(({ imports }) =>
    imports.some((specifier) => /\/packages\/[^/]+\/(?:src|dist)\//.test(specifier)),
  );
  expect(byPath.map(({ path }) => path).sort()).toEqual(insideOfPackages);
});

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
  const files = filesInRooms(name);

  it("are the folders of its sources", () => {
    expect([...new Set(files.map(({ path }) => roomOf(path)))].sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(Object.entries(allowed))("%s imports only what it may", (room, others) => {
    const problems = files
      .filter(({ path }) => roomOf(path) === room)
      .flatMap(({ path, imports }) =>
        imports
          .filter((imported) => roomOf(imported) !== room && !others.includes(roomOf(imported)))
          .map((imported) => `${path} may not import ${imported}`),
      );
    expect(problems).toEqual([]);
  });
});

describe("modules of the control plane", () => {
  const files = filesInRooms("control-plane");

  it("see the app only by its request context and its live queries", () => {
    const problems = files
      .filter(({ path }) => !["graphql-app", "http"].includes(roomOf(path)))
      .flatMap(({ path, imports }) =>
        imports
          .filter((imported) => roomOf(imported) === "graphql-app" && !appFiles.includes(imported))
          .map((imported) => `${path} may not import ${imported}`),
      );
    expect(problems).toEqual([]);
  });

  it("keep their stores to themselves", () => {
    const problems = files.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => imported.endsWith("-store.js") && dirname(imported) !== dirname(path))
        .map((imported) => `${path} may not import ${imported}`),
    );
    expect(problems).toEqual([]);
  });
});

/** What ships of a package and stands in a folder; paths and imports of the package itself are relative to `src/`. */
function filesInRooms(name: string): SourceFile[] {
  return sourceFiles(name)
    .map(({ path, isTest, imports }) => ({
      path: relative("src", path),
      isTest,
      imports: imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => relative("src", join(dirname(path), specifier))),
    }))
    .filter(({ path, isTest }) => !isTest && path.includes("/"));
}

/** The first folder of a path; a file outside of folders is its own. */
function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}

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
