/**
 * CPU time of one thread of this process, as Linux accounts for it: a thread that waits for a processor uses none. Node.js 20
 * has no call for it. Elsewhere there is no such figure, and time counts instead.
 */
import { readFileSync, readlinkSync } from "node:fs";

/** USER_HZ, which is 100 on every Linux that Node.js runs on. */
const TICK_MS = 10;

/** Of the calling thread, for `threadCpuMs`; null where the system has none. */
export function ownThreadId(): number | null {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return null;
  }
}

/** CPU time of a thread so far; null when it is not known. */
export function threadCpuMs(threadId: number): number | null {
  try {
    const stat = readFileSync(`/proc/self/task/${threadId}/stat`, "latin1");
    // The name, in brackets, may have spaces and brackets in it. utime and stime are fields 14 and 15 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}
