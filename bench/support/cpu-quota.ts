/**
 * A fixed share of a core for a process (Linux cgroups, version 1), so that several processes can be compared on a
 * machine with too few cores for them. Needs root; where it cannot be had, says so.
 */
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CPU_CONTROLLER = "/sys/fs/cgroup/cpu";
/** Short, so that a process that has used up its share waits a moment only. */
const PERIOD_US = 10_000;

export class CpuQuota {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Puts a process, and all its threads, into a group of its own.
   * @param share of one core, above 0 and at most 1
   * @returns null when this machine lets nobody make such a group
   */
  static limit(pid: number, share: number): CpuQuota | null {
    const dir = join(CPU_CONTROLLER, `latchkey-bench-${pid}`);
    try {
      mkdirSync(dir);
      writeFileSync(join(dir, "cpu.cfs_period_us"), String(PERIOD_US));
      writeFileSync(join(dir, "cpu.cfs_quota_us"), String(Math.round(PERIOD_US * share)));
      writeFileSync(join(dir, "cgroup.procs"), String(pid));
    } catch {
      return null;
    }
    return new CpuQuota(dir);
  }

  /** After the process has ended. */
  remove(): void {
    rmdirSync(this.#dir);
  }
}
