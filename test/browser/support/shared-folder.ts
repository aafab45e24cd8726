/** Set-up of a run: a folder for the data and pids of the processes that files share, all of which end with the run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const VARIABLE = "LATCHKEY_TEST_SHARED";
const END_MS_MAX = 10_000;
const LOOK_EVERY_MS = 50;

export function sharedFolder(): string {
  const folder = process.env[VARIABLE];
  if (folder === undefined)
    throw new Error(`${VARIABLE} is not set: run the browser tests by vitest.config.ts`);
  return folder;
}

export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  process.env[VARIABLE] = folder;
  return async () => {
    const pids = readdirSync(folder)
      .filter((name) => name.endsWith(".pid"))
      .map((name) => Number(readFileSync(join(folder, name), "utf8")));
    await Promise.all(pids.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function end(pid: number): Promise<void> {
  for (let waitedMs = 0; signal(pid, waitedMs === 0 ? "SIGTERM" : 0); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs > END_MS_MAX) {
      signal(pid, "SIGKILL");
      return;
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** False: there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
