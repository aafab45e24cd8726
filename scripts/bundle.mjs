// Builds packages/cli/dist: the command with both planes and what they depend on, in some seventy files. A process that starts reads
// a few of them, not two thousand modules. This is what `npm start`, tests and benchmarks run, and what the npm package has.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { LICENSES_FILE, packagesOf, writeLicenses } from "./lib/release/licenses.mjs";
import { root } from "./lib/shell.mjs";

const out = join(root, "packages/cli/dist");
const source = (path) => join(root, "packages", path);

/** What is started by its file: the command, a worker of an ingress node, and threads. `imports` of package.json name them too. */
const ENTRIES = {
  latchkey: source("cli/src/latchkey.ts"),
  "worker-main": source("ingress/src/workers/worker-main.ts"),
  "document-worker": source("control-plane/src/modules/api/document-worker.ts"),
  "import-worker": source("openapi/src/import-worker.ts"),
  "check-thread": source("validation/src/check-thread.ts"),
};

/** Native code, and what packages do without when it is not there. */
const EXTERNAL = ["better-sqlite3", "bufferutil", "utf-8-validate", "pg-native", "class-validator"];

/** Modules of CommonJS expect these names. */
const COMMONJS_NAMES = `import { createRequire as latchkeyRequire } from "node:module";
const require = latchkeyRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** Packages of gRPC read .proto files beside their code. */
const protosBeside = {
  name: "protos-beside",
  setup: ({ onLoad }) =>
    onLoad(
      { filter: /[\\/](?:@grpc[\\/]reflection|grpc-health-check)[\\/]build[\\/].*\.js$/ },
      ({ path }) => ({
        contents: readFileSync(path, "utf8").replaceAll("../../proto", "./proto"),
      }),
    ),
};

/** `import("yaml")` gets the names that it gets from Node.js: of a module of CommonJS a bundle would export the default only. */
const namesOfCommonJs = {
  name: "names-of-commonjs",
  setup: ({ onResolve, onLoad, resolve }) => {
    onResolve({ filter: /^[^.#]/ }, async ({ path, kind, importer, resolveDir }) => {
      const isPackage = !path.startsWith("@latchkey/") && !isBuiltin(path) && !EXTERNAL.includes(path);
      if (kind !== "dynamic-import" || !isPackage || /[\\/]node_modules[\\/]/.test(importer))
        return undefined;
      const { path: file } = await resolve(path, { kind: "import-statement", importer, resolveDir });
      return { path: file, namespace: "names" };
    });
    onLoad({ filter: /./, namespace: "names" }, async ({ path }) => {
      // A build for bundlers, which Node.js may not load, is made of modules with names of their own.
      const found = await import(pathToFileURL(path)).catch(() => null);
      const names = Object.keys(found ?? {}).filter((name) => name !== "module.exports");
      const what = found === null ? "*" : `{ ${names.join(", ")} }`;
      const contents = `export ${what} from ${JSON.stringify(path)};\n`;
      return { contents, resolveDir: dirname(path) };
    });
  },
};

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ENTRIES,
  outdir: out,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  // Oldest Node.js that is supported: lowers `using`.
  target: "node20.19",
  conditions: ["@latchkey/source"],
  // One copy of a package that is both imported and required: graphql refuses to be there twice.
  mainFields: ["module", "main"],
  external: EXTERNAL,
  banner: { js: COMMONJS_NAMES },
  legalComments: "none",
  plugins: [protosBeside, namesOfCommonJs],
  metafile: true,
  write: false,
  logLevel: "warning",
});

// Last build's files stay until there are new ones.
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
const { resolve } = createRequire(source("control-plane/package.json"));
for (const [name, folder] of [
  ["latchkey", join(root, "proto/latchkey")],
  ["grpc", join(dirname(resolve("@grpc/reflection/package.json")), "build/proto/grpc")],
  ["health", join(dirname(resolve("grpc-health-check/package.json")), "proto/health")],
])
  cpSync(folder, join(out, "proto", name), { recursive: true });
// `names:` are modules of the plugin above.
const modules = Object.keys(metafile.inputs).filter((path) => !path.startsWith("names:"));
writeFileSync(join(out, LICENSES_FILE), writeLicenses(packagesOf(modules)));
