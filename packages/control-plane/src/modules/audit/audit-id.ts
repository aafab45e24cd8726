/** Ids of audit entries sort in the order of writing, also within one millisecond: the log is read by (time, id). */
import { randomBytes } from "node:crypto";
import { type Id, idPrefixes } from "@latchkey/core";

const COUNTER_MAX = 0xffff;

let lastMs = 0;
let counter = 0;

/** 48 bits of time, 16 of a counter within it, 32 random ones against those of other processes. */
export function newAuditId(nowMs: number): Id<"audit"> {
  counter = nowMs === lastMs ? Math.min(counter + 1, COUNTER_MAX) : 0;
  lastMs = nowMs;
  const hex = nowMs.toString(16).padStart(12, "0") + counter.toString(16).padStart(4, "0");
  return `${idPrefixes.audit}_${hex}${randomBytes(4).toString("hex")}` as Id<"audit">;
}
