// Generates code from proto/ with buf and ts-proto, when the protobuf files are newer than what was generated from them.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, root, runStep, StepError, step } from "./shell.mjs";

const stampFile = join(root, "packages", "proto", "src", "gen", ".source-hash");

function sourceHash() {
  const hash = createHash("sha256");
  const files = readdirSync(join(root, "proto"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".proto"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of [...files, join(root, "buf.gen.yaml")]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

export async function generate({ force = false } = {}) {
  const hash = sourceHash();
  if (!force && existsSync(stampFile) && readFileSync(stampFile, "utf8").trim() === hash) return;
  await step("generating code from proto/", async () => {
    if (!existsSync(bin("buf")))
      throw new StepError("proto/ has changed, and `npm test` installs what generates code from it");
    await runStep(bin("buf"), ["generate"]);
    writeFileSync(stampFile, `${hash}\n`);
    return "code is generated from proto/";
  });
}
