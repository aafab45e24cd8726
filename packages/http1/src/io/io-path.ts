// Which path sockets are read and written by: internals of Node.js where they work, and public interfaces otherwise. Chosen once
// for a process, before its first server; until then, and in mode `portable`, all is done by public interfaces.

import { checkInternals, type MissingInternal } from "./internals-check.js";
import { INTERNALS, type Internal } from "./node-internals.js";

export type IoMode = "auto" | "portable";

class IoPath {
  #usable: ReadonlySet<Internal> = new Set();

  /** @returns the internals that `auto` found missing; what needs them is done by public interfaces */
  async select(mode: IoMode): Promise<readonly MissingInternal[]> {
    const missing = mode === "portable" ? [] : await checkInternals();
    const usable = mode === "portable" ? [] : INTERNALS;
    this.#usable = new Set(usable.filter((internal) => missing.every((one) => one.internal !== internal)));
    return missing;
  }

  uses(internal: Internal): boolean {
    return this.#usable.has(internal);
  }

  /** Connections without a socket: reads and writes have no other way there. */
  get usesBareSockets(): boolean {
    return this.uses("bareSockets") && this.uses("sharedReads") && this.uses("directWrites");
  }
}

/** The process's. */
export const ioPath = new IoPath();
