// Builds one workspace, the current folder: writes src/**/*.ts to dist/ as JavaScript with source maps, and removes what is built of
// sources that are gone. Leaves out tests and what only they use (src/testing). Does not check types: `npm run typecheck` does, in
// one program for all sources (ADR 0004).
import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const sources = readdirSync("src", { recursive: true }).filter(
  (path) => /\.ts$/.test(path) && !/\.(?:test|cases)\.ts$|\.d\.ts$|^testing[\\/]/.test(path),
);

await build({
  entryPoints: sources.map((path) => join("src", path)),
  outdir: "dist",
  outbase: "src",
  // Oldest Node.js that is supported: lowers `using`.
  target: "node20.19",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
});

const built = new Set(sources.map((path) => path.replace(/ts$/, "js")));
for (const entry of readdirSync("dist", { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  // What Vite builds stands in a folder of its own.
  const isOurs =
    built.has(relative("dist", path).replace(/\.map$/, "")) || path.startsWith(join("dist", "graphiql"));
  if (entry.isFile() && !isOurs) rmSync(path);
}
