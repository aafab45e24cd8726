/** A UsageBatch that leaves no bytes: what is encoded over it can be one of several parts of a batch. */
import type { UsageBatch } from "@latchkey/proto";

export const EMPTY_BATCH: UsageBatch = {
  fromMs: 0n,
  toMs: 0n,
  counts: [],
  samples: [],
  dropped: 0n,
  sequence: 0n,
  ageMs: 0n,
};
