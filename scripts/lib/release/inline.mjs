// Makes dependencies part of a package: bundles them with what they need, and keeps their licenses.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LICENSES_FILE, writeLicenses } from "./licenses.mjs";

/**
 * @param only names: each becomes a package of one file in the target's node_modules. `true`: the workspace's own entries are
 * bundled with all dependencies that are not ours.
 * @returns the dependencies that need not be installed
 */
export async function inline({ source, target, manifest, only }) {
  const licenses = new Map();
  if (only === true) {
    const entries = Object.values(manifest.exports).map(({ default: main }) => main);
    await bundle({
      root: source,
      input: Object.fromEntries(
        entries.map((main) => [main.replace(/^\.\/dist\/|\.js$/g, ""), join(source, main)]),
      ),
      outDir: join(target, "dist"),
      isExternal: (id) => id.startsWith("@latchkey/"),
      licenses,
      onBeforeWrite: () => removeScripts(join(target, "dist")),
    });
    writeFileSync(join(target, LICENSES_FILE), writeLicenses([...licenses.values()]));
    return manifest.dependencies;
  }
  const inlined = {};
  for (const name of only) {
    const folder = join(target, "node_modules", name);
    await bundle({
      root: source,
      input: { index: ENTRY },
      entry: await reexport(entryOf(name, source)),
      outDir: folder,
      isExternal: () => false,
      licenses,
    });
    inlined[name] = manifest.dependencies[name];
    writeFileSync(
      join(folder, "package.json"),
      `${JSON.stringify({ name, version: inlined[name], type: "module", exports: "./index.js" }, null, 2)}\n`,
    );
    writeFileSync(join(folder, LICENSES_FILE), writeLicenses([...licenses.values()]));
  }
  return inlined;
}

/** The file that an import of the package loads. */
function entryOf(name, source) {
  const folder = folderOf(name, source);
  const { exports, module, main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  let entry = exports?.["."] ?? exports ?? module ?? main ?? "index.js";
  while (typeof entry === "object") entry = entry.import ?? entry.node ?? entry.default ?? entry.require;
  return join(folder, entry);
}

/** The module that is bundled in a package's place. */
const ENTRY = "latchkey:entry";

/** Exports all that Node.js finds in a package: in one of CommonJS a bundler sees the default only. */
async function reexport(file) {
  const names = Object.keys(await import(pathToFileURL(file))).filter((name) => name !== "module.exports");
  return `export { ${names.join(", ")} } from ${JSON.stringify(file)};\n`;
}

/** Where Node.js finds the package from a folder. */
function folderOf(name, from) {
  const folder = join(from, "node_modules", name);
  return existsSync(join(folder, "package.json")) ? folder : folderOf(name, dirname(from));
}

/** What modules of CommonJS expect, within a module of ECMAScript. */
const COMMONJS_NAMES = `import { fileURLToPath as latchkeyPathOf } from "node:url";
var __filename = latchkeyPathOf(import.meta.url), __dirname = latchkeyPathOf(new URL(".", import.meta.url));`;

async function bundle({ root, input, entry, outDir, isExternal, licenses, onBeforeWrite = () => undefined }) {
  // Vite is a dependency of the console, and bundles for Node.js as well.
  const { build } = await import("vite");
  onBeforeWrite();
  mkdirSync(outDir, { recursive: true });
  await build({
    root,
    configFile: false,
    logLevel: "error",
    publicDir: false,
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: true,
      target: "node20",
      minify: true,
      outDir,
      emptyOutDir: false,
      rolldownOptions: {
        input,
        external: (id) => isBuiltin(id) || isExternal(id),
        output: {
          format: "es",
          banner: COMMONJS_NAMES,
          entryFileNames: "[name].js",
          chunkFileNames: "chunks/[name]-[hash].js",
        },
      },
    },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? entry : undefined),
      },
      {
        name: "licenses",
        generateBundle(_options, chunks) {
          for (const { moduleIds = [] } of Object.values(chunks))
            for (const id of moduleIds) addLicense(licenses, id);
        },
      },
    ],
  });
}

function addLicense(licenses, moduleId) {
  const path = moduleId.startsWith("file:")
    ? fileURLToPath(moduleId)
    : moduleId.replace(/^\0/, "").split("?")[0];
  const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(path) ?? [];
  if (folder === undefined || licenses.has(folder) || !existsSync(join(folder, "package.json"))) return;
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), "utf8");
  licenses.set(folder, { name, version, license: license ?? "NOASSERTION", text });
}

/** Files that the bundle takes the place of; types stay. */
function removeScripts(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(".js"))
      rmSync(join(entry.parentPath ?? entry.path, entry.name));
}
