// What tests need beside npm packages, from Debian's: Chromium for the browser tests, services for fault tests.
// Installs what is missing where it can, and says so where it can't.
import { spawnSync } from "node:child_process";
import { note, run } from "./shell.mjs";

function has(command) {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

async function ensure(wanted, what) {
  const absent = wanted.filter(([command]) => !has(command));
  if (absent.length === 0) return;
  const packages = absent.map(([, name]) => name);
  if (!has("apt-get") || process.getuid?.() !== 0) {
    note(
      `${what}: ${packages.join(", ")} missing, and only root on Debian can have them installed from here.`,
    );
    return;
  }
  note(`Installing ${packages.join(", ")} for ${what} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  const code = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    env,
  });
  if (code !== 0) note(`${what}: apt-get install failed with ${code}; tests that need it will say so.`);
}

export function ensureBrowser() {
  return ensure([["chromium", "chromium"]], "the browser tests");
}

export function ensureDatabases() {
  const wanted = [
    ["pg_ctlcluster", "postgresql"],
    ["pgbouncer", "pgbouncer"],
  ];
  return ensure(wanted, "the faults of PostgreSQL");
}

export function ensureServices() {
  return ensure([["redis-server", "redis-server"]], "the tests of shared rate limits");
}
