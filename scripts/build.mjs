// Installs what is missing, generates code and builds every package (turbo keeps what did not change).
import { pathToFileURL } from "node:url";
import { generate } from "./lib/generate.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { bin, runStep, step } from "./lib/shell.mjs";

/** @param set what is installed: `start`, or `all`, as tests need it */
export async function build({ set = "all" } = {}) {
  const { compiled } = await ensureInstalled(set);
  await generate();
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const args = ["run", "build", "--output-logs=errors-only", "--no-update-notifier"];
  const built = step("building packages", async () => {
    await runStep(bin("turbo"), args, { env });
    return "packages are built";
  });
  await Promise.all([built, compiled]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build({ set: "start" });
