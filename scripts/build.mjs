// Installs what is missing, generates code and builds packages (turbo keeps what did not change).
import { pathToFileURL } from "node:url";
import { generate } from "./lib/generate.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { bin, runStep, step } from "./lib/shell.mjs";

/**
 * Resolves once packages are built, with what is still being compiled then: only what opens a database waits for it.
 * @param set what is installed: `start`, or `all`, as tests need it
 * @param names the packages that are built; all of them by default
 */
export async function buildPackages(set, names = []) {
  const { compiled } = await ensureInstalled(set);
  await generate();
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const args = ["run", "build", "--output-logs=errors-only", "--no-update-notifier"];
  for (const name of names) args.push(`--filter=@latchkey/${name}`);
  await step("building packages", async () => {
    await runStep(bin("turbo"), args, { env });
    return "packages are built";
  });
  return { compiled };
}

export async function build({ set = "all", names = [] } = {}) {
  const { compiled } = await buildPackages(set, names);
  await compiled;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build({ set: "start" });
