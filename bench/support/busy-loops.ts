/** Neighbors that take all the time that they are given, one on each core. */
import { type Child, LOAD_CORE, PROXY_CORE, startChild } from "./child.js";

export function startBusyLoops(): readonly Child[] {
  return [PROXY_CORE, LOAD_CORE].map((core) => startChild(core, process.execPath, ["-e", "for (;;);"]));
}
