/** When the kernel probes a quiet connection next (TCP keep-alive), as Linux tells in /proc/net/tcp. IPv4 only. */
import { readFileSync } from "node:fs";

export const hasKernelProbes = process.platform === "linux";

const ESTABLISHED = "01";
/** Of the column `tr`; 01 is a retransmission, 00 none. */
const KEEP_ALIVE_TIMER = "02";
/** The kernel counts in USER_HZ, which is 100 on every architecture that Node.js has. */
const TICK_MS = 10;

/** Of each end on this machine of connections to or from the port: milliseconds to the next probe; null: none is due. */
export function kernelProbesMs(port: number): readonly (number | null)[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .map((line) => line.trim().split(/ +/))
    .filter(
      ([, local, remote, state]) =>
        state === ESTABLISHED && [local, remote].some((end) => end?.endsWith(suffix)),
    )
    .map(([, , , , , timer = ""]) => {
      const [kind, ticks = ""] = timer.split(":");
      return kind === KEEP_ALIVE_TIMER ? Number.parseInt(ticks, 16) * TICK_MS : null;
    });
}
