/** CPU time of processes from the kernel's own accounting (Linux /proc, nanoseconds), and resident memory. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU time of all threads of the processes, in microseconds. */
export function cpuTimeUs(pids: readonly number[]): number {
  let ns = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      try {
        ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]);
      } catch {
        // The thread ended between the two reads; its time is lost, which is a few microseconds here.
      }
    }
  }
  return ns / 1000;
}

/** Resident set in MiB. */
export function rssMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    kib += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return kib / 1024;
}

/** A process and all it started. */
export function processTree(pid: number): number[] {
  const found = [pid];
  for (let i = 0; i < found.length; i++) {
    try {
      for (const task of readdirSync(`/proc/${found[i]}/task`)) {
        const children = readFileSync(`/proc/${found[i]}/task/${task}/children`, "latin1").trim();
        if (children !== "") found.push(...children.split(" ").map(Number));
      }
    } catch {
      // Ended meanwhile.
    }
  }
  return found;
}
