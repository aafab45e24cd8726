/** Whether Prometheus' checker is here. */
import { spawnSync } from "node:child_process";

/** @param otherwise what is left out without it; printed as the reason of skipped tests */
export function hasPromtool(otherwise: string): boolean {
  const isHere = spawnSync("promtool", ["--version"]).status === 0;
  if (!isHere) process.stderr.write(`promtool (Debian: prometheus) is not here: ${otherwise}.\n`);
  return isHere;
}
