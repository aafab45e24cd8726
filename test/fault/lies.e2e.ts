/** What comes to a node or to the control plane is not what it should be: flipped bits, older revisions, heartbeats of others, hostile GraphQL. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok, systemClock } from "@latchkey/core";
import { Delta, NackReason, SnapshotBegin, SnapshotChunk, SnapshotEnd } from "@latchkey/proto";
import {
  formatRevision,
  type HeartbeatContent,
  type ResourceRecord,
  type Revision,
  revisionToWire,
  signHeartbeat,
  signRevision,
} from "@latchkey/snapshot";
import { aKey, eventually, type SnapshotServer, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { RevisionApplier } from "../../packages/ingress/src/sync/revision-applier.js";
import { deltaOf, deltaToWire, endOf, recordsOf, revisionOf } from "../../packages/ingress/src/sync/wire.js";
import { TableBuilder } from "../../packages/ingress/src/table/build-table.js";
import { CurrentTable } from "../../packages/ingress/src/table/current-table.js";
import type { IntegrationHandle } from "../../packages/ingress/src/table/integration-ref.js";
import { digestAfter } from "../../packages/ingress/src/table/table-change.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile, seconds } from "./support/figures.js";
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

const HOUR_MS = 3_600_000;
const HEARTBEAT_MS = 20;
const MAX_STALE_MS = 1_000;
const ofAnother = generateKeyPairSync("ed25519").privateKey;
type Signer = (content: HeartbeatContent) => Buffer;
const honest: Signer = (content) => signHeartbeat(content, privateKey);
/** Each comes with a time that is an hour ahead. */
const forgeries: Readonly<Record<string, Signer>> = {
  unsigned: () => Buffer.alloc(0),
  "of another key": (content) => signHeartbeat(content, ofAnother),
  "with the time altered": (content) => honest({ ...content, serverTimeMs: content.serverTimeMs - HOUR_MS }),
  "with the digest altered": (content) => honest({ ...content, digest: Buffer.alloc(32) }),
  "with the revision altered": ({ revision, ...content }) =>
    honest({ ...content, revision: { ...revision, number: revision.number + 1 } }),
  "with the sequence altered": (content) => honest({ ...content, sequence: content.sequence - 1 }),
  "of another stream": (content) => honest({ ...content, challenge: Buffer.alloc(16, 7) }),
};

fault(
  {
    row: "85",
    fault:
      "heartbeats whose time is an hour ahead: unsigned, of another key, altered, of another stream; and true ones that are kept back while old ones are repeated",
    holds:
      "a node with the public key takes no clock from them, so that a key lives as long as it should; repeated ones confirm nothing",
    target: "0 keys expired too early, 0 too late; strict mode refuses after maxStaleMs",
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-heartbeats-"));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
    const publicKeyFile = join(folder, "public.pem");
    writeFileSync(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    let sign = honest;
    let aheadMs = 0;
    let signed = 0;
    const recorded: Parameters<SnapshotServer["broadcast"]>[0][] = [];
    const start = (env: Readonly<Record<string, string>>) =>
      SmallNode.start(
        [
          ...resourcesOf({ a: `${upstream.url}/` }),
          ...served(aKey("key_1", "api_1", { expiresAtMs: Date.now() + HOUR_MS / 2 }, key).resource),
        ],
        {
          env: { LATCHKEY_INGRESS_CONTROL_PLANE_PUBLIC_KEY_FILE: publicKeyFile, ...env },
          server: {
            heartbeatMs: HEARTBEAT_MS,
            clock: () => Date.now() + aheadMs,
            sign: (revision, digest) => signRevision(revision, digest, privateKey),
            signHeartbeat: (content) => {
              signed++;
              const signature = sign(content);
              const value = {
                serverTimeMs: BigInt(content.serverTimeMs),
                revision: revisionToWire(content.revision),
                digest: Buffer.from(content.digest),
                sequence: BigInt(content.sequence),
                signature,
              };
              recorded.push({ message: { $case: "heartbeat", value } });
              return signature;
            },
          },
        },
      );
    await using node = await start({});
    const outcome = async ({ url }: SmallNode) => {
      const { status, error } = await shoot({ url: `${url}/a`, key });
      return error ?? String(status);
    };
    expect(await outcome(node)).toBe("200");
    aheadMs = HOUR_MS;
    for (const [name, forgery] of Object.entries(forgeries)) {
      sign = forgery;
      const enough = signed + 5;
      await eventually(async () => (signed >= enough ? true : undefined), "heartbeats were sent");
      node.server.change(resourcesOf({ a: `${upstream.url}/` }, name).slice(1, 2)); // in order behind them
      await node.server.acked();
      expect([name, await outcome(node)]).toEqual([name, "200"]);
    }
    sign = honest;
    const startedMs = performance.now();
    await eventually(
      async () => ((await outcome(node)) === "key.expired" ? true : undefined),
      "the clock of true heartbeats is taken",
    );
    const takenMs = performance.now() - startedMs;

    aheadMs = 0;
    await using strict = await start({
      LATCHKEY_INGRESS_CONTROL_PLANE_MAX_STALE_MS: String(MAX_STALE_MS),
    });
    expect(await outcome(strict)).toBe("200");
    strict.server.isMute = true;
    const heldBackMs = performance.now();
    const repeating = setInterval(() => {
      for (const message of recorded.slice(-5)) strict.server.broadcast(message);
    }, HEARTBEAT_MS);
    try {
      await eventually(
        async () => ((await outcome(strict)) === "gateway.stale" ? true : undefined),
        "repeated heartbeats confirm nothing",
      );
    } finally {
      clearInterval(repeating);
    }
    const staleMs = performance.now() - heldBackMs;
    return `of ${Object.keys(forgeries).length} kinds 0 moved the clock, and a true one did after ${takenMs.toFixed(0)} ms; gateway.stale ${seconds(staleMs)} after the last true one (limit set to ${seconds(MAX_STALE_MS)})`;
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
