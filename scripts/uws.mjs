// `npm run uws`: adds the build of uWebSockets.js for this Node.js to a checkout, which `--http-engine uws` needs. The version
// and its hash are those of package-lock.json; `npm test` installs the same.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { note, root, runStep, StepError, step } from "./lib/shell.mjs";

/** Names in the manifest of the tests, by major release of Node.js; node_modules has them under the same names. */
const BUILDS = { 20: "uWebSockets.js", 22: "@btc-vision/uwebsockets.js", 24: "@btc-vision/uwebsockets.js" };

const readJson = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));

const name = BUILDS[process.versions.node.split(".")[0]];
if (name === undefined) {
  note(
    `There is no build for Node.js ${process.versions.node}; there are some for ${Object.keys(BUILDS).join(", ")}.`,
  );
  process.exit(1);
}
if (!existsSync(join(root, "node_modules", ".package-lock.json"))) {
  note("Nothing is installed yet: run `npm start` or `npm test` first.");
  process.exit(1);
}
const path = `node_modules/${name}`;

await step(`installing ${name}`, async () => {
  const spec = `${name}@${readJson("test/package.json").devDependencies[name]}`;
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runStep("npm", [...args, "--workspace=packages/ingress", spec], {
    shell: process.platform === "win32",
  });
  const installed = readJson("node_modules/.package-lock.json").packages[path];
  const locked = readJson("package-lock.json").packages[path];
  if (installed?.integrity !== locked.integrity) {
    rmSync(join(root, path), { recursive: true, force: true });
    throw new StepError(
      `${spec} is not what package-lock.json names (${locked.integrity}); it is deleted again`,
    );
  }
  return `${locked.name ?? name} ${locked.version} is installed`;
});
note("`npm start -- --http-engine uws` uses it.");
