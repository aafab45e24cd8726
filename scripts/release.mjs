// `npm run release:pack`: builds what a release publishes on npm: `latchkey` (the command with both planes, in one package),
// `@latchkey/client` and `@latchkey/proto`; checks them with publint and attw, and writes a bill of materials (CycloneDX).
//   --out <folder>   where tarballs and bill of materials go (default: release/)
//   --no-lint        leaves out publint and attw, which npx fetches
//   --publish        publishes the tarballs with provenance, from CI with an OIDC token
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { assembleCommand, assembleLibrary } from "./lib/release/assemble.mjs";
import { billOfMaterials } from "./lib/release/bill-of-materials.mjs";
import { clearRelease, RELEASE_FILE } from "./lib/release/folder.mjs";
import { note, root, runStep, step } from "./lib/shell.mjs";

const PUBLINT = "publint@0.3.25";
const ATTW = "@arethetypeswrong/cli@0.18.5";

const options = readOptions();
const out = resolve(options.out);
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

await build({ set: "start" });
const staging = clearRelease(out);

const folders = {};
await step("assembling packages", async () => {
  folders.latchkey = await assembleCommand(join(staging, "latchkey"), version);
  for (const name of ["client", "proto"])
    folders[name] = await assembleLibrary(name, join(staging, name), version);
  return "packages are assembled";
});

const tarballs = [];
for (const [name, folder] of Object.entries(folders))
  await step(`packing ${name}`, async () => {
    await runStep("npm", ["pack", "--pack-destination", out, "--loglevel=error"], { cwd: folder });
    const file = readdirSync(out).find((one) => RELEASE_FILE.test(one) && !tarballs.includes(join(out, one)));
    tarballs.push(join(out, file));
    return `${file} is packed`;
  });
await step("writing the bill of materials", async () => {
  const [tarball] = tarballs;
  const scratch = join(staging, "bill");
  const bill = await billOfMaterials({ scratch, tarball, folder: folders.latchkey });
  writeFileSync(join(out, `latchkey-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
  return `latchkey-${version}.cdx.json is written`;
});
rmSync(staging, { recursive: true });

if (!options["no-lint"])
  for (const tarball of tarballs)
    await step(`checking ${tarball}`, async () => {
      await runStep("npx", ["--yes", PUBLINT, "run", tarball, "--strict"]);
      // A command has no types to import, and these are packages of ES modules only.
      if (!/\/latchkey-\d/.test(tarball))
        await runStep("npx", ["--yes", ATTW, tarball, "--profile", "esm-only"]);
      return `${tarball} is clean`;
    });

if (options.publish)
  for (const tarball of tarballs)
    await step(`publishing ${tarball}`, async () => {
      await runStep("npm", ["publish", tarball, "--provenance", "--access", "public"]);
      return `${tarball} is published`;
    });
else note(`Packages are in ${out}.`);

/** Ends the process with 2 when an option is wrong: what is misspelled must not be left out of a release. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        out: { type: "string", default: join(root, "release") },
        "no-lint": { type: "boolean" },
        publish: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    note(`${error.message}; the options are --out <folder>, --no-lint and --publish.`);
    process.exit(2);
  }
}
