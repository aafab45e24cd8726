// Puts together the folders that `npm pack` packs.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runStep } from "../shell.mjs";
import { LICENSES_FILE, packagesOf, writeLicenses } from "./licenses.mjs";

const REPOSITORY = { type: "git", url: "git+https://github.com/latchkey/latchkey.git" };
/** What scripts/bundle.mjs leaves outside. */
const NATIVE = "better-sqlite3";
const NOT_PUBLISHED = /\.map$|[\\/]\.vite$/;

const PAGES = { console: "packages/console/dist", graphiql: "packages/control-plane/dist/graphiql" };
/** Where both builds of pages write what they bundle. */
const VITE_LICENSES = ".vite/license.json";

/** What the console's icons are generated from: no module of it is bundled, and it has no file with its license. */
function iconLicense() {
  const [icons] = packagesOf(["node_modules/@iconify-json/tabler/icons.json"]);
  return { ...icons, text: readFileSync(join(root, "packages/console/LICENSE-tabler.txt"), "utf8") };
}

function readVite(file) {
  return JSON.parse(readFileSync(file, "utf8")).map(({ name, version, identifier, text }) => ({
    name,
    version,
    license: identifier ?? "NOASSERTION",
    text: text ?? `License: ${identifier}`,
  }));
}

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

function writeManifest(folder, manifest) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * `latchkey`: what packages/cli is built to, and the pages that it serves. Only native code is installed beside it.
 * Returns the folder.
 */
export async function assembleCommand(folder, version) {
  const cli = join(root, "packages/cli");
  mkdirSync(folder, { recursive: true });
  // Anew: what turbo has put there from its cache stands beside files of older builds.
  await runStep(process.execPath, [join(root, "scripts/bundle.mjs")]);
  for (const part of ["bin", "dist"]) copy(join(cli, part), join(folder, part));
  const bundled = new Map();
  for (const [name, built] of Object.entries(PAGES)) {
    copy(join(root, built), join(folder, "dist/pages", name));
    for (const one of readVite(join(root, built, VITE_LICENSES)))
      bundled.set(`${one.name}@${one.version}`, one);
  }
  writeFileSync(
    join(folder, "dist/pages", LICENSES_FILE),
    writeLicenses([...bundled.values(), iconLicense()]),
  );
  for (const file of ["LICENSE", "CHANGELOG.md", "README.md"]) copy(join(root, file), join(folder, file));
  const { description, license, engines } = readManifest(root);
  const { dependencies } = readManifest(join(root, "packages/control-plane"));
  writeManifest(folder, {
    name: "latchkey",
    version,
    description,
    license,
    repository: REPOSITORY,
    type: "module",
    bin: { latchkey: "bin/latchkey.js" },
    imports: run(readManifest(cli).imports),
    files: ["bin", "dist", "CHANGELOG.md"],
    engines,
    dependencies: { [NATIVE]: dependencies[NATIVE] },
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

function copy(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !NOT_PUBLISHED.test(path) });
}

/** Without the sources, which are not published. */
function run(imports) {
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => [
      name,
      typeof target === "string" ? target : target.default,
    ]),
  );
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
