/** Ids of audit entries sort in the order of writing, also within one millisecond: the log is read by (time, id). */
import { randomBytes } from "node:crypto";
import { type Id, idPrefixes } from "@latchkey/core";

const COUNTER_MAX = 0xffff;

export class AuditIds {
  #lastMs = 0;
  #counter = 0;

  /** 48 bits of time, 16 of a counter within it, 32 random ones against those of other processes. */
  next(nowMs: number): Id<"audit"> {
    this.#counter = nowMs === this.#lastMs ? Math.min(this.#counter + 1, COUNTER_MAX) : 0;
    this.#lastMs = nowMs;
    const hex = nowMs.toString(16).padStart(12, "0") + this.#counter.toString(16).padStart(4, "0");
    return `${idPrefixes.audit}_${hex}${randomBytes(4).toString("hex")}` as Id<"audit">;
  }
}
