/** A database that went back: restored by copying its file, set back under a running process, or only said to be. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import type { SimulatedNode } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StreamHarness, type TestNode } from "../testing/stream-harness.js";
import { UnitOfWorkRunner } from "../unit-of-work/unit-of-work.js";
import { EpochGuard } from "./epoch-guard.js";

let dir: string;
let path: string;
let open: StreamHarness[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-epoch-"));
  path = join(dir, "latchkey.db");
});

afterEach(async () => {
  for (const harness of open) await harness[Symbol.asyncDispose]();
  open = [];
  rmSync(dir, { recursive: true });
});

async function start(): Promise<StreamHarness> {
  const harness = await StreamHarness.start({ path });
  open.push(harness);
  return harness;
}

async function stop(harness: StreamHarness): Promise<void> {
  open = open.filter((other) => other !== harness);
  await harness[Symbol.asyncDispose]();
}

async function entries(harness: StreamHarness) {
  return harness.db
    .selectFrom("audit_log")
    .select(["actor", "before", "after"])
    .where("action", "=", "epoch.begin")
    .execute();
}

/** A node that comes to `harness` with what another one held. */
function comeBack(harness: StreamHarness, registered: TestNode, before: SimulatedNode): SimulatedNode {
  const node = harness.connect(registered);
  node.disconnect();
  node.adopt(before);
  node.connect();
  return node;
}

/** One change, a copy of the file, then a node that holds what came after; the copy is put in the place of the database. */
async function restoredByCopying() {
  const before = await start();
  const registered = await before.register();
  await before.change({ kind: "key", id: "k", body: "active" });
  const node = before.connect(registered);
  await node.untilRevision(1);
  await before.receipts.wait(before.server.cache.revision, "ALL", 10_000);
  const { epoch } = before.server.cache.revision;
  await stop(before);
  copyFileSync(path, join(dir, "copy"));
  const middle = await start();
  await middle.change({ id: "lost", body: "1" });
  await middle.change({ id: "lost", body: "2" });
  const held = comeBack(middle, registered, node);
  await held.untilRevision(3);
  await stop(middle);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  copyFileSync(join(dir, "copy"), path);
  return { harness: await start(), registered, held, epoch };
}

describe("a database that was restored by copying its file", () => {
  test("begins a new epoch when a node comes that holds more, and its changes are enforced at once", async () => {
    const { harness, registered, held, epoch } = await restoredByCopying();
    expect(harness.server.cache.revision).toEqual({ epoch, number: 1 });
    const node = comeBack(harness, registered, held);
    await node.until(({ revision }) => revision !== null && revision.epoch > epoch);
    expect(node.names).toEqual(["key/k"]);
    const revoked = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    expect(revoked.epoch).toBeGreaterThan(epoch);
    const receipt = await harness.receipts.wait(revoked, "ALL", 10_000);
    expect(receipt.message).toMatch(/^enforced on 1 of 1 node/);
    expect(node.names).toEqual([]);
    expect(await entries(harness)).toEqual([
      {
        actor: "control-plane",
        before: JSON.stringify({ epoch, number: 1 }),
        after: JSON.stringify({
          epoch: revoked.epoch,
          number: 0,
          heldEpoch: epoch,
          heldNumber: 3,
          node: registered.id,
        }),
      },
    ]);
  });

  test("fills a node that holds another state under the same number anew, without a new epoch", async () => {
    const { harness, registered, held, epoch } = await restoredByCopying();
    await harness.change({ id: "other", body: "1" });
    await harness.change({ id: "other", body: "2" });
    const node = comeBack(harness, registered, held);
    await node.until(({ names }) => names.includes("api/other") && !names.includes("api/lost"));
    expect(node.revision).toEqual({ epoch, number: 3 });
    expect(await entries(harness)).toEqual([]);
  });

  test("is noticed by a process that goes on over it, too", async () => {
    const harness = await start();
    const node = await harness.join();
    for (const body of ["1", "2", "3"]) await harness.change({ id: "a", body });
    await node.untilRevision(3);
    const { epoch } = harness.server.cache.revision;
    await harness.db.updateTable("revision").set({ number: 1 }).execute();
    await harness.db.deleteFrom("change_log").where("number", ">", 1).execute();
    await harness.server.cache.advance();
    await node.until(({ revision }) => revision !== null && revision.epoch > epoch);
    expect(await entries(harness)).toHaveLength(1);
  });
});

describe("a node that only says that it holds more", () => {
  /** Comes with a claim; resolves when the control plane has dealt with it. */
  async function claim(node: SimulatedNode, epoch: number, number: number): Promise<void> {
    node.disconnect();
    await node.untilEnd();
    node.pretend({ epoch, number }, Buffer.alloc(32, 9));
    node.forget();
    node.connect();
    await node.until(({ events }) => events.length > 0);
  }

  test("causes one new epoch and no second, and does not keep another node from it", async () => {
    const harness = await start();
    const [liar, other] = [await harness.join(), await harness.join()];
    const epochs = new Set([harness.server.cache.revision.epoch]);
    for (let i = 0; i < 5; i++) {
      const { epoch } = harness.server.cache.revision;
      await claim(liar, epoch, 1_000);
      epochs.add(harness.server.cache.revision.epoch);
    }
    expect(epochs.size).toBe(2);
    expect(await entries(harness)).toHaveLength(1);
    // The other one holds the truth and is served all the time.
    const { number } = await harness.change({ id: "a", body: "1" });
    const now = harness.server.cache.revision.epoch;
    await other.until(({ revision }) => revision?.epoch === now && revision.number === number);
    await claim(other, now, 2_000);
    expect(await entries(harness)).toHaveLength(2);
  });

  test("is not believed when its epoch lies in the future", async () => {
    const harness = await start();
    const liar = await harness.join();
    const { epoch } = harness.server.cache.revision;
    await claim(liar, systemClock.now() + 2 * 86_400_000, 1);
    await claim(liar, Number.MAX_SAFE_INTEGER, 1);
    expect(harness.server.cache.revision.epoch).toBe(epoch);
    expect(await entries(harness)).toEqual([]);
    const { nodes } = { nodes: harness.registry.views() };
    expect(nodes[0]?.lastNack?.reason).toContain("newer than this control plane");
  });
});

describe("the guard itself", () => {
  /** Beside the one of the harness: another control plane over the same database. */
  function guardOf(harness: StreamHarness): EpochGuard {
    const { db, clock, changeLog, source } = harness;
    const units = new UnitOfWorkRunner({ db, changeLog, source, clock });
    return new EpochGuard({ units, clock, logger: createLogger({ name: "test", level: "silent" }) });
  }
  const revisionOf = (harness: StreamHarness) =>
    harness.db.selectFrom("revision").select(["epoch", "number"]).executeTakeFirstOrThrow();

  test("begins one epoch where several find the same", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" });
    const { epoch } = await revisionOf(harness);
    const held = { epoch, number: 1_000 };
    expect(await guardOf(harness).setBack({ held, nodeId: "one" })).toBe(true);
    const begun = await revisionOf(harness);
    expect(begun).toEqual({ epoch: expect.any(Number), number: 0 });
    expect(begun.epoch).toBeGreaterThan(epoch);
    expect(await guardOf(harness).setBack({ held, nodeId: "two" })).toBe(true);
    expect(await revisionOf(harness)).toEqual(begun);
    expect(await entries(harness)).toHaveLength(1);
    // A node of the old epoch cannot be led over the changes of that epoch.
    expect(await harness.db.selectFrom("change_log").selectAll().execute()).toEqual([]);
  });

  test("begins an epoch above the one that is held, also where that is ahead of the clock", async () => {
    const harness = await start();
    const held = { epoch: harness.clock.now() + 3_600_000, number: 5 };
    expect(await guardOf(harness).setBack({ held, nodeId: "one" })).toBe(true);
    expect((await revisionOf(harness)).epoch).toBeGreaterThan(held.epoch);
  });
});
