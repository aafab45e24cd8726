import { UsageBatch, UsageCount } from "@latchkey/proto";
import { expect, it } from "vitest";
import { EMPTY_BATCH } from "../usage/empty-batch.js";
import { WorkerUsage } from "./worker-usage.js";

const batch = (requests: number, dropped = 0): UsageBatch => ({
  ...EMPTY_BATCH,
  counts: [{ ...UsageCount.decode(new Uint8Array()), count: BigInt(requests) }],
  dropped: BigInt(dropped),
});

it("counts each request that cannot be sent once, and reports it once with the next batch that can", () => {
  const sent: UsageBatch[] = [];
  let isFull = true;
  const usage = new WorkerUsage({
    sendUsage: (counts, samples) => {
      if (!isFull) sent.push(UsageBatch.decode(Buffer.concat([counts, samples])));
      return !isFull;
    },
  });
  usage.pass(batch(10));
  usage.pass(batch(5, 3)); // the worker counts what it dropped
  usage.pass(batch(1));
  expect(usage.lostTotal).toBe(16);
  isFull = false;
  usage.pass(batch(7, 2));
  usage.pass(batch(8));
  expect(sent.map(({ counts, dropped }) => [counts[0]?.count, dropped])).toEqual([
    [7n, 21n],
    [8n, 0n],
  ]);
  expect(usage.lostTotal).toBe(16);
});
