/** How changes reach nodes: as one delta, batched, revocations first, signed. Real gRPC on loopback, real SQLite. */
import { generateKeyPairSync } from "node:crypto";
import { systemClock } from "@latchkey/core";
import { type SnapshotEnd } from "@latchkey/proto";
import { revisionFromWire, verifyRevision } from "@latchkey/snapshot";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { writeTransaction } from "../db/transaction.js";
import { deltas, expectSame, many, start } from "../testing/stream-test.js";
import { SqlChangeLog } from "./change-log.js";

describe("a change", () => {
  test("reaches every node as the same delta, which names only what changed", async () => {
    const harness = await start();
    await harness.change(...many(500));
    const nodes = await Promise.all([harness.join(), harness.join(), harness.join()]);
    for (const node of nodes) node.forget();
    const { number } = await harness.change({ id: "api_7", body: "new" }, { id: "api_8", body: null });
    await Promise.all(nodes.map((node) => node.untilRevision(number)));
    for (const node of nodes) {
      const [delta] = deltas(node);
      expect(delta?.upserts.map(({ id, body }) => [id, body.toString()])).toEqual([["api_7", "new"]]);
      expect(delta?.removals).toEqual([{ kind: "api", id: "api_8" }]);
      expectSame(node, harness);
    }
  });

  test("that changes nothing for nodes is acknowledged as a revision all the same", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" });
    const node = await harness.join();
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
    expect(deltas(node).at(-1)?.upserts).toEqual([]);
    expectSame(node, harness);
  });

  test("in a burst of 100 a second makes at most 10 revisions a second, and the last one always arrives", async () => {
    // The interval is shared out over twenty streams: one stream gets a twentieth of it, 100 ms here.
    const harness = await start({ server: { timings: { publishIntervalMs: 2_000 } } });
    const node = await harness.join();
    node.forget();
    const beganMs = performance.now();
    let last = 0;
    for (let i = 0; i < 150; i++) {
      last = (await harness.change({ id: `api_${i % 10}`, body: String(i) })).number;
      const dueMs = beganMs + (i + 1) * 10;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
    await node.untilRevision(last);
    const seconds = (performance.now() - beganMs) / 1000;
    const revisions = deltas(node).length;
    expect(revisions).toBeGreaterThan(1);
    // One at once, then one an interval; one more for the edge.
    expect(revisions).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 2);
    expectSame(node, harness);
  });

  test("that revokes goes out at once, ahead of what waits, and stands first", async () => {
    const harness = await start({
      server: { timings: { publishIntervalMs: 600_000, pollIntervalMs: 600_000 } },
    });
    const node = await harness.join();
    await harness.change({ id: "first", body: "opens the interval" });
    await node.untilRevision(1);
    node.forget();
    await harness.change({ id: "a", body: "waits" });
    await harness.change({ id: "b", body: "waits" });
    const { number } = await harness.change(
      { id: "c", body: "comes along" },
      { kind: "key", id: "k1", body: "disabled", revocation: true },
      { kind: "key", id: "k2", body: null, revocation: true },
    );
    await node.untilRevision(number);
    const [delta] = deltas(node);
    expect(delta?.upserts.map(({ id }) => id)).toEqual(["k1", "a", "b", "c"]);
    expectSame(node, harness);
  });

  test("that revokes does not wait for the ACK of what went before", async () => {
    const harness = await start();
    const node = await harness.join();
    const slow = await harness.join({ acknowledges: false });
    slow.acknowledge();
    const ordinary = await harness.change({ id: "a", body: "1" });
    await slow.untilRevision(ordinary.number);
    const held = await harness.change({ id: "b", body: "1" });
    await node.untilRevision(held.number);
    expect(slow.revision?.number).toBe(ordinary.number);
    const revocation = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    const undone = await harness.change({ kind: "key", id: "k", body: "off", revocation: true });
    await slow.untilRevision(undone.number);
    expect(revocation.number).toBeLessThan(undone.number);
    expectSame(slow, harness);
  });

  test("is signed with the configured key, and so is a full snapshot", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const harness = await start({ server: { signingKey: privateKey } });
    await harness.change({ id: "a", body: "1" });
    const node = await harness.join();
    await harness.change({ id: "a", body: "2" });
    await node.untilRevision(2);
    const signed = node.events.flatMap(
      ({ message: { message } }): Pick<SnapshotEnd, "revision" | "digest" | "signature">[] => {
        if (message?.$case === "snapshotEnd") return [message.value];
        return message?.$case === "delta" ? [{ ...message.value, revision: message.value.to }] : [];
      },
    );
    expect(signed).toHaveLength(2);
    for (const { revision, digest, signature } of signed) {
      if (revision === undefined) throw new Error("a revision is missing");
      expect(verifyRevision(revisionFromWire(revision), digest, signature, publicKey)).toBe(true);
      expect(verifyRevision({ epoch: 1, number: 1 }, digest, signature, publicKey)).toBe(false);
    }
  });
});

test("a commit of another process is found, sent, and counted in lags and receipts", async () => {
  const harness = await start({ server: { timings: { pollIntervalMs: 30 } } });
  const node = await harness.join();
  const elsewhere = new SqlChangeLog({ clock: systemClock });
  const revision = await writeTransaction(harness.db, async (trx) => {
    await sql`insert into test_resource values ('api', 'a', ${Buffer.from("theirs")})`.execute(trx);
    return elsewhere.append(trx, [{ kind: "api", id: "a", op: "upsert", revocation: false }]);
  });
  await node.untilRevision(revision.number);
  expect(Buffer.from(node.body("api/a") ?? []).toString()).toBe("theirs");
  const receipt = await harness.receipts.wait(revision, "ALL", 5_000);
  expect(receipt.isComplete).toBe(true);
  expect(harness.registry.views()[0]).toMatchObject({ acked: revision, lagRevisions: 0 });
});
