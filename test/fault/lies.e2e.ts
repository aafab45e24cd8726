/** What comes to a node or to the control plane is not what it should be: flipped bits, older revisions, hostile GraphQL. */
import { generateKeyPairSync } from "node:crypto";
import { ok, systemClock } from "@latchkey/core";
import { Delta, NackReason, SnapshotBegin, SnapshotChunk, SnapshotEnd } from "@latchkey/proto";
import {
  formatRevision,
  type ResourceRecord,
  type Revision,
  revisionToWire,
  signRevision,
} from "@latchkey/snapshot";
import { eventually, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { RevisionApplier } from "../../packages/ingress/src/sync/revision-applier.js";
import { deltaOf, deltaToWire, endOf, recordsOf, revisionOf } from "../../packages/ingress/src/sync/wire.js";
import { TableBuilder } from "../../packages/ingress/src/table/build-table.js";
import { CurrentTable } from "../../packages/ingress/src/table/current-table.js";
import type { IntegrationHandle } from "../../packages/ingress/src/table/integration-ref.js";
import { digestAfter } from "../../packages/ingress/src/table/table-change.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile } from "./support/figures.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { pause, shoot } from "./support/traffic.js";

const factory = {
  create: ({ id }: { readonly id: string }) =>
    ok({ id, limits: null, credentialIds: [], link: () => undefined, retire: () => undefined }),
  createCredential: () => ({ problem: null, look: () => undefined }),
};
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

class Node {
  readonly currentTable = new CurrentTable<IntegrationHandle>(systemClock);
  readonly applier = new RevisionApplier<IntegrationHandle>({
    currentTable: this.currentTable,
    factory,
    clock: systemClock,
    publicKey,
    acceptLowerEpoch: false,
  });

  get fingerprint(): string {
    const table = this.currentTable.table;
    if (table === null) return "nothing";
    return `${formatRevision(table.revision)} ${Buffer.from(table.digest.bytes()).toString("hex")}`;
  }

  /** Messages as they come over the wire. Throws when one cannot be read, which ends the stream. */
  async take(messages: readonly Message[]): Promise<void> {
    for (const { kind, bytes } of messages) {
      if (kind === "begin") this.applier.beginSnapshot(revisionOf(SnapshotBegin.decode(bytes).revision));
      else if (kind === "chunk") {
        const { index, resources } = SnapshotChunk.decode(bytes);
        await this.applier.addChunk(index, recordsOf(resources));
      } else if (kind === "end") this.applier.endSnapshot(endOf(SnapshotEnd.decode(bytes)));
      else await this.applier.applyDelta(deltaOf(Delta.decode(bytes)));
    }
  }
}

interface Message {
  readonly kind: "begin" | "chunk" | "end" | "delta";
  readonly bytes: Uint8Array;
}

const FIRST: Revision = { epoch: 3, number: 7 };
const SECOND: Revision = { epoch: 3, number: 8 };

async function snapshotOf(records: readonly ResourceRecord[], revision: Revision): Promise<Message[]> {
  const builder = new TableBuilder<IntegrationHandle>(revision, factory, null);
  await builder.add(records);
  const { table } = builder;
  const digest = Buffer.from(table.digest.bytes());
  const wire = revisionToWire(revision);
  const resources = records.map(({ kind, id, body }) => ({ kind, id, body: Buffer.from(body) }));
  const resourceCount = BigInt(records.length);
  const signature = Buffer.from(signRevision(revision, digest, privateKey));
  return [
    { kind: "begin", bytes: SnapshotBegin.encode({ revision: wire, resourceCount, chunkCount: 1 }).finish() },
    { kind: "chunk", bytes: SnapshotChunk.encode({ index: 0, resources }).finish() },
    { kind: "end", bytes: SnapshotEnd.encode({ revision: wire, digest, resourceCount, signature }).finish() },
  ];
}

const flips = rounds(1_000, 1_000, 50_000);

fault(
  {
    row: "15",
    fault: `${flips} single bits flipped in signed snapshots and deltas`,
    holds: "nothing but what was signed is applied; what was there is served on",
    target: "1 000 flips: 0 applied",
  },
  async () => {
    const records = resourcesOf({ a: "http://a.test/", b: "http://b.test/" });
    const changed = resourcesOf({ a: "http://c.test/", b: "http://b.test/" }).slice(0, 1);
    const snapshot = await snapshotOf(records, FIRST);
    const truth = new Node();
    await truth.take(snapshot);
    const first = truth.fingerprint;
    const table = truth.currentTable.table;
    if (table === null) throw new Error("the snapshot as it was sent is refused");
    const change = { upserts: changed, removals: [] };
    const digest = digestAfter(table, change).bytes();
    const signature = signRevision(SECOND, Buffer.from(digest), privateKey);
    const value = { from: FIRST, to: SECOND, change, digest, signature };
    const delta: Message = { kind: "delta", bytes: Delta.encode(deltaToWire(value)).finish() };
    await truth.take([delta]);
    const second = truth.fingerprint;
    expect(second).not.toBe(first);

    let applied = 0;
    let harmless = 0;
    for (let i = 0; i < flips; i++) {
      const node = new Node();
      const isDelta = i % 2 === 0;
      if (isDelta) await node.take(snapshot);
      const before = node.fingerprint;
      const messages = isDelta ? [delta] : snapshot;
      const victim = isDelta ? 0 : i % 3;
      const bytes = Buffer.from(messages[victim]?.bytes ?? []);
      const at = Math.floor(Math.random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
      const flipped = messages.map((message, j) => (j === victim ? { ...message, bytes } : message));
      await node.take(flipped).catch(() => undefined); // cannot even be read
      const after = node.fingerprint;
      if (after === before) continue;
      // A bit that decides nothing (the number of chunks announced, say) leaves what was signed.
      if (after === (isDelta ? second : first)) harmless++;
      else applied++;
    }
    expect(applied).toBe(0);
    return `${flips} flips: 0 applied; ${harmless} were in bits that decide nothing, and what was signed was applied`;
  },
);

fault(
  {
    row: "8",
    fault: "a second control plane that is behind, or of an older epoch, feeds the node",
    holds: "the older revision is refused by name, a revoked key stays revoked",
    target: "0 rollbacks of key revocations",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const good = resourcesOf({ a: `${upstream.url}/` });
    await using node = await SmallNode.start(good);
    const { server } = node;
    server.respondsToNacks = false;
    const before = server.revision;
    const revoked = { kind: "key", id: "key_1" };
    server.change([], [revoked]);
    await server.acked();
    const status = async () => (await shoot({ url: `${node.url}/a`, key })).status;
    expect(await status()).toBe(401);
    const newest = server.revision;
    let refusals = 0;
    for (const revision of [before, { epoch: newest.epoch - 1, number: newest.number + 100 }]) {
      server.load(good);
      server.revision = revision;
      server.sendSnapshotToAll();
      const nack = await server.nacked(++refusals);
      expect(nack.reason).toBe(NackReason.OLDER_REVISION);
      expect(await status()).toBe(401);
    }
    const held = (await (await fetch(`${node.adminUrl}/status`)).json()) as { revision: string };
    expect(held.revision).toBe(`${newest.epoch}/${newest.number}`);
    return `${refusals} of ${refusals} refused with NACK(OLDER_REVISION), the revoked key passed 0 times`;
  },
);

fault(
  {
    row: "48",
    fault: "hostile GraphQL: deep, wide, cyclic, many, huge",
    holds: "each is refused with an error, honest requests get a response meanwhile",
    target: "refused ≤ 50 ms, lag ≤ 100 ms",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const repeat = (count: number, make: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => make(i)).join(" ");
    const attacks: Record<string, unknown> = {
      deep: {
        query: `{ apis(first: 1) { nodes ${"{ keys { nodes { api ".repeat(60)} { id } ${"} } }".repeat(60)} } }`,
      },
      aliases: { query: `{ ${repeat(5_000, (i) => `a${i}: revision { number }`)} }` },
      cyclic: {
        query: "{ apis(first: 1) { nodes { ...A } } } fragment A on Api { ...B } fragment B on Api { ...A }",
      },
      costly: {
        query:
          "{ apis(first: 100) { nodes { keys(first: 100) { nodes { api { keys(first: 100) { nodes { id } } } } } } } }",
      },
      directives: { query: `{ revision ${"@include(if: true) ".repeat(5_000)} { number } }` },
      batch: Array.from({ length: 1_000 }, () => ({ query: "{ revision { number } }" })),
      huge: { query: `{ revision { number } } # ${"x".repeat(6 * 1024 * 1024)}` },
      variables: {
        query: "query($a: String) { revision { number } }",
        variables: { a: "[".repeat(100_000) },
      },
    };
    // Made before, so that this process is not the one that stands still.
    const texts = Object.entries(attacks).map(
      ([name, body]) => [name, Buffer.from(JSON.stringify(body))] as const,
    );
    const lagsMs: number[] = [];
    let isOver = false;
    const watch = (async () => {
      while (!isOver) {
        const startedMs = performance.now();
        expect((await shoot({ url: new URL("/healthz", stack.graphqlUrl).href })).status).toBe(200);
        lagsMs.push(performance.now() - startedMs);
        await pause(2);
      }
    })();
    let slowest = { name: "", ms: 0 };
    for (let round = 0; round < rounds(3, 20, 200); round++)
      for (const [name, text] of texts) {
        const startedMs = performance.now();
        const response = await shoot({
          url: stack.graphqlUrl,
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${stack.adminToken}` },
          body: text,
        }).catch((error: Error) => ({ status: 413, body: `{"errors":[{"message":"${error.message}"}]}` }));
        const ms = performance.now() - startedMs;
        if (round > 0 && ms > slowest.ms) slowest = { name, ms };
        if (name === "variables") continue; // small enough to be taken for what it is: a text
        expect([name, response.status >= 400 || response.body.includes('"errors"')]).toEqual([name, true]);
        expect([name, /"number":\d/.test(response.body)]).toEqual([name, false]);
      }
    isOver = true;
    await watch;
    await eventually(
      async () => ((await stack.graphql("{ revision { number } }")) ? true : undefined),
      "it responds",
    );
    expect(traffic.report.reasons).toEqual([]);
    return `${Object.keys(attacks).length} kinds, all refused; slowest ${slowest.ms.toFixed(0)} ms (${slowest.name}); /healthz meanwhile p99 ${quantile(lagsMs, 0.99).toFixed(0)} ms; ${traffic.sent} requests at the node, 0 failed`;
  },
  { isLong: true },
);
