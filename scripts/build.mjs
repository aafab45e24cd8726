// Installs what is missing, generates code and builds every package (turbo keeps what did not change).
import { pathToFileURL } from "node:url";
import { generate } from "./lib/generate.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { bin, note, run } from "./lib/shell.mjs";

export async function build() {
  const { compiled } = await ensureInstalled();
  await generate();
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const args = ["run", "build", "--output-logs=errors-only", "--no-update-notifier"];
  const code = await run(bin("turbo"), args, { env });
  await compiled;
  if (code === 0) return;
  note("The build failed; what is wrong stands above.");
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build();
