// Puts together the folders that `npm pack` packs.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runStep } from "../shell.mjs";
import { inline } from "./inline.mjs";

/** Workspaces that the command needs, and what is copied of each. */
const WORKSPACES = [
  "cli",
  "config",
  "console",
  "control-plane",
  "core",
  "http1",
  "ingress",
  "observe",
  "openapi",
  "proto",
  "router",
  "snapshot",
  "validation",
];

/**
 * Dependencies that become part of the package: most of what they install is never read (types, second builds, a compiler's
 * libraries). Only packages that one workspace alone imports, so that there is one copy of each.
 */
const INLINED = {
  openapi: true,
  ingress: ["@redis/client"],
  "control-plane": ["kysely"],
  observe: ["prom-client"],
  snapshot: ["@hpke/core"],
  validation: ["re2js"],
};

/** The same for packages that several workspaces import: one copy beside them. The workspace named is one of them. */
const INLINED_FOR_ALL = { config: ["zod", "yaml"] };

const REPOSITORY = { type: "git", url: "git+https://github.com/latchkey/latchkey.git" };
const NOT_RUN = /\.map$|[\\/]emit-schema\./;
const NOT_PUBLISHED = /\.map$/;

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

function writeManifest(folder, manifest) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** `latchkey`: the workspaces as bundled dependencies, and their dependencies as its own. Returns the folder. */
export async function assembleCommand(folder, version) {
  const dependencies = {};
  const bundled = [];
  for (const name of WORKSPACES) {
    const source = join(root, "packages", name);
    const manifest = readManifest(source);
    const target = join(folder, "node_modules", manifest.name);
    copy(join(source, "dist"), join(target, "dist"), NOT_RUN);
    const inlined =
      INLINED[name] === undefined ? {} : await inline({ source, target, manifest, only: INLINED[name] });
    for (const [dependency, range] of Object.entries(manifest.dependencies ?? {}))
      if (name !== "console" && !dependency.startsWith("@latchkey/") && !(dependency in inlined))
        dependencies[dependency] = newer(dependencies[dependency], range);
    writeManifest(target, {
      name: manifest.name,
      version,
      license: manifest.license,
      type: "module",
      ...(manifest.exports === undefined ? {} : { exports: run(manifest.exports) }),
      // Named so that `npm pack` takes them along from the folder's own node_modules.
      ...(Array.isArray(INLINED[name]) ? { dependencies: inlined } : {}),
    });
    bundled.push(manifest.name);
  }
  for (const [name, only] of Object.entries(INLINED_FOR_ALL)) {
    const source = join(root, "packages", name);
    await inline({ source, target: folder, manifest: readManifest(source), only });
    bundled.push(...only);
  }
  copy(join(root, "packages/cli/bin"), join(folder, "node_modules/@latchkey/cli/bin"));
  copy(join(root, "proto/latchkey"), join(folder, "node_modules/@latchkey/control-plane/proto/latchkey"));
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(
    join(folder, "bin/latchkey.js"),
    '#!/usr/bin/env node\nimport "../node_modules/@latchkey/cli/bin/latchkey.js";\n',
    { mode: 0o755 },
  );
  for (const file of ["LICENSE", "CHANGELOG.md", "README.md"]) copy(join(root, file), join(folder, file));
  const { description, license, engines } = readManifest(root);
  writeManifest(folder, {
    name: "latchkey",
    version,
    description,
    license,
    repository: REPOSITORY,
    type: "module",
    bin: { latchkey: "bin/latchkey.js" },
    files: ["bin", "CHANGELOG.md"],
    engines,
    dependencies: sorted({ ...Object.fromEntries(bundled.map((name) => [name, version])), ...dependencies }),
    bundleDependencies: bundled,
  });
  return folder;
}

/** A workspace as a package of its own, with declarations of its types. Returns the folder. */
export async function assembleLibrary(name, folder, version) {
  const source = join(root, "packages", name);
  const { description, license, exports, dependencies, ...rest } = readManifest(source);
  copy(join(source, "dist"), join(folder, "dist"));
  const declarations = ["-p", join(source, "tsconfig.release.json"), "--outDir", join(folder, "dist")];
  // Not TypeScript 7, which is there for tests only.
  await runStep(join(root, "node_modules", "typescript", "bin", "tsc"), declarations);
  copy(join(root, "LICENSE"), join(folder, "LICENSE"));
  if (existsSync(join(source, "README.md"))) copy(join(source, "README.md"), join(folder, "README.md"));
  writeManifest(folder, {
    name: rest.name,
    version,
    description,
    license,
    repository: { ...REPOSITORY, directory: `packages/${name}` },
    type: "module",
    exports: published(exports),
    files: ["dist"],
    sideEffects: false,
    engines: readManifest(root).engines,
    ...(dependencies === undefined ? {} : { dependencies }),
  });
  return folder;
}

function copy(from, to, left = NOT_PUBLISHED) {
  cpSync(from, to, { recursive: true, filter: (path) => !left.test(path) });
}

/** What Node.js needs of the exports. */
function run(exports) {
  return Object.fromEntries(Object.entries(exports).map(([path, { default: main }]) => [path, main]));
}

/** With declarations in place of the sources. */
function published(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([path, { default: main }]) => [
      path,
      { types: main.replace(/\.js$/, ".d.ts"), default: main },
    ]),
  );
}

/** An exact version before a range. */
function newer(known, range) {
  return known !== undefined && /^\d/.test(known) ? known : range;
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
