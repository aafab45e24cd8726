/** How long this thread keeps everybody waiting, however busy the machine is: in CPU time of one turn of the event loop. */
import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

/** Runs `work`, and measures the longest turn meanwhile. Exact to 10 ms. */
export async function longestTurn<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly longestMs: number }> {
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
    return longestMs;
  }
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
