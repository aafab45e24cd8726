/** How long this thread keeps everybody waiting, however busy or slow the machine is: in CPU time of one turn of the event loop. */
import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

/** CPU time of `reference` on the machine on which the limits of the tests were measured. */
const REFERENCE_MS = 120;

/** Runs `work`, and measures the longest turn meanwhile, in milliseconds of that machine or a faster one. Exact to 10 ms. */
export async function longestTurn<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly longestMs: number }> {
  // How fast this machine's memory is may change from one second to the next: the slower of before and after counts.
  const slownessBefore = slowness();
  let isOver = false;
  let longestMs = 0;
  const watch = async () => {
    let beforeMs = cpuMs();
    while (!isOver) {
      await turn();
      const nowMs = cpuMs();
      longestMs = Math.max(longestMs, nowMs - beforeMs);
      beforeMs = nowMs;
    }
  };
  const watching = watch();
  try {
    return { value: await work(), longestMs: await watched() };
  } finally {
    isOver = true;
  }

  async function watched(): Promise<number> {
    isOver = true;
    await watching;
    return longestMs / Math.max(slownessBefore, slowness());
  }
}

/** How many times as long as there the same work takes here; at least 1. */
function slowness(): number {
  const beforeMs = cpuMs();
  reference();
  return Math.max(1, (cpuMs() - beforeMs) / REFERENCE_MS);
}

/** What large documents cost most: text to objects and back, 40 times 680 kB. */
function reference(): void {
  const item = {
    path: "/group/{id}/item",
    description: "lorem ipsum ".repeat(20),
    responses: { 200: { description: "ok" } },
  };
  const text = JSON.stringify(Array.from({ length: 2_000 }, (_, id) => ({ id, ...item })));
  for (let round = 0; round < 40; round++) JSON.stringify(JSON.parse(text));
}

/** Of this thread (Linux: ticks of 10 ms, see proc(5)); elsewhere of the process, which is more. */
function cpuMs(): number {
  try {
    const stat = readFileSync("/proc/thread-self/stat", "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
}
