// What tests need beside npm packages, from Debian's packages: Chromium, Redis, PostgreSQL. Says what it will install before it does.
import { spawnSync } from "node:child_process";
import { note, run } from "./shell.mjs";

/** Command that shows that a package is there, or else one of `others` → the Debian package, and what needs it. */
const programs = {
  // Without windows: a quarter less CPU time in the browser tests, which take any of them.
  "chromium-headless-shell": {
    debian: "chromium-headless-shell",
    others: ["chromium", "chromium-browser", "google-chrome"],
    neededBy: "the browser tests",
  },
  "redis-server": { debian: "redis-server", neededBy: "the tests of shared rate limits" },
  pg_ctlcluster: { debian: "postgresql", neededBy: "the tests over PostgreSQL" },
  promtool: { debian: "prometheus", neededBy: "the checks of metrics and alert rules" },
  pgbouncer: { debian: "pgbouncer", neededBy: "the faults of PostgreSQL" },
};

/** Null: it is not on this machine. */
function pathOf(command) {
  const { status, stdout } = spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

/** Of the command, else of the first of those that do as well; null: none is on this machine. */
export function programPath(command) {
  for (const name of [command, ...(programs[command].others ?? [])]) {
    const path = pathOf(name);
    if (path !== null) return path;
  }
  return null;
}

/** Those of the commands that are not on this machine, and none that does as well. */
export function missingPrograms(commands) {
  return commands.filter((command) => programPath(command) === null);
}

/** `chromium (the browser tests)` */
function describeProgram(command) {
  const { debian, neededBy } = programs[command];
  return `${debian} (${neededBy})`;
}

/** Those of the stages that can run without the missing programs. Says what is skipped, and for want of what. */
export function runnableStages(stages, names, missing) {
  return names.filter((name) => {
    const lacks = stages[name].needs.filter((program) => missing.includes(program));
    for (const program of lacks)
      note(`The stage "${name}" is skipped: it needs ${describeProgram(program)}.`);
    for (const program of stages[name].uses.filter((one) => missing.includes(one)))
      note(`Tests of the stage "${name}" are skipped: they need ${describeProgram(program)}.`);
    return lacks.length === 0;
  });
}

/** Installs what is missing, as root on Debian; elsewhere says what is missing. Resolves with what is still missing. */
export async function ensurePrograms(commands) {
  const absent = missingPrograms(commands);
  if (absent.length === 0) return [];
  const list = absent.map(describeProgram).join(", ");
  if (pathOf("apt-get") === null || process.getuid?.() !== 0) {
    note(`Not on this machine, and only root on Debian can have it installed from here: ${list}.`);
    return absent;
  }
  note(`Installing with apt-get, as root: ${list}. (--no-install skips what needs it.)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  const packages = absent.map((command) => programs[command].debian);
  const code = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    env,
  });
  if (code !== 0) note(`apt-get install failed with ${code}; tests that need it say that they are skipped.`);
  return missingPrograms(absent);
}
