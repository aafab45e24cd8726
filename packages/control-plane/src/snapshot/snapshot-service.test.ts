/** The stream's promises, over real gRPC on loopback and real SQLite. */
import { afterEach, describe, expect, test } from "vitest";
import { StreamHarness } from "../testing/stream-harness.js";

const harnesses: StreamHarness[] = [];

async function start(options?: Parameters<typeof StreamHarness.start>[0]): Promise<StreamHarness> {
  const harness = await StreamHarness.start(options);
  harnesses.push(harness);
  return harness;
}

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness[Symbol.asyncDispose]();
});

describe("a node that comes", () => {
  test("gets everything when it has nothing", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" }, { id: "b", body: "2" }, { kind: "key", id: "k", body: "3" });
    const node = await harness.join();
    await node.until(({ names }) => names.length === 3);
    expect(node.digest.equals(Buffer.from(harness.server.cache.digest))).toBe(true);
  });
});
