/** The processes below a process, from /proc. */
import { readFileSync } from "node:fs";

/** Process ids of a process's children. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text.split(" ").filter(Boolean).map(Number);
}

/** False also for one that has ended and waits for its parent to notice. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
