import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NackReason, type SubscribeResponse } from "@latchkey/proto";
import {
  type CredentialResource,
  type HeartbeatContent,
  type Revision,
  revisionToWire,
  signHeartbeat,
  signRevision,
} from "@latchkey/snapshot";
import { SnapshotServer } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, served, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const api = anApi("api_1", [aRoute("GET", "/a", "int_1")]);
const header = { "connxio-api-key": key.secret };
const resources = ({ upstream }: World) => [anIntegration("int_1", upstream.url), api, key.resource];
const statusOf = async (world: World) => (await fetch(`${world.url}/a`, { headers: header })).status;

describe("the stream", () => {
  it("says hello with what it has, and gets a snapshot in chunks", async () => {
    await using world = await World.empty({ server: { chunkSize: 1 } });
    world.server.load(served(...resources(world)));
    await world.startIngress({ nodeId: "node-7" });
    const ack = await world.server.acked();
    expect(ack.rejected).toEqual([]);
    const [hello] = world.server.hellos;
    expect(hello?.nodeId).toBe("node-7");
    expect(hello?.knownRevision).toBeUndefined();
    expect(world.ingress.status().revision).toBe("1000/1");
    expect(await statusOf(world)).toBe(200);
  });

  it("brings its token", async () => {
    await using world = await World.empty({ server: { token: "of-this-node" } });
    world.server.load(served(...resources(world)));
    await world.startIngress({ controlPlane: { token: "of-this-node" } });
    await world.server.acked();
  });

  it("goes on trying with a wrong token, and says so in its log without the token", async () => {
    await using world = await World.empty({ server: { token: "right" } });
    await world.startIngress({ controlPlane: { token: "wrong-secret-token", retryMaxMs: 30 } });
    await until(() => !!world.logLines.some((line) => line.includes("UNAUTHENTICATED")));
    expect(world.logLines.join("")).not.toContain("wrong-secret-token");
    expect(world.ingress.isReady()).toBe(false);
  });

  it("acknowledges what it cannot use by name, and applies the rest", async () => {
    await using world = await World.of(resources);
    await world.change([
      anApi("api_bad", [aRoute("GET", "no slash", "int_1")]),
      { ...key.resource, active: false },
    ]);
    const ack = world.server.acks.at(-1);
    expect(ack?.rejected.map(({ resource }) => `${resource?.kind}/${resource?.id}`)).toEqual(["api/api_bad"]);
    expect(ack?.rejected[0]?.reason).toContain("starts with");
    expect(await statusOf(world)).toBe(403);
    await world.change([], [{ kind: "api", id: "api_bad" }]);
    expect(world.server.acks.at(-1)?.rejected).toEqual([]);
  });

  it("names what it cannot use in a message that the control plane takes, however much and for however long a reason", async () => {
    await using world = await World.of(resources);
    const reference = `file:/${"long-name/".repeat(101)}`;
    const credentials = Array.from({ length: 1_001 }, (_, i): CredentialResource => {
      const scheme = { kind: "header", name: "x-key" } as const;
      const id = `crd_${i}`;
      return {
        kind: "credential",
        id,
        subscriptionId: "sub_1",
        name: id,
        scheme,
        secret: { kind: "reference", reference },
      };
    });
    await world.change(credentials);
    await until(() => world.ingress.status().quarantine.length === credentials.length);
    await world.change([{ ...key.resource, active: false }]);
    expect(await statusOf(world)).toBe(403);
    expect(world.server.acks.at(-1)?.rejected).toHaveLength(1_000);
  });

  it("refuses a delta that does not fit and takes the snapshot that follows", async () => {
    await using world = await World.of(resources);
    world.server.load(served({ ...key.resource, active: false }), 5); // a change that is not sent to the node
    world.server.change([]);
    const nack = await world.server.nacked();
    expect(nack.reason).toBe(NackReason.GAP);
    await world.server.acked();
    expect(await statusOf(world)).toBe(403);
  });

  it("refuses a delta whose digest is wrong, and enforces nothing of it", async () => {
    await using world = await World.of(resources);
    world.server.respondsToNacks = false;
    world.server.broadcast({
      message: {
        $case: "delta",
        value: {
          from: { epoch: 1000n, number: 1n },
          to: { epoch: 1000n, number: 2n },
          upserts: [],
          removals: [{ kind: "key", id: "key_1" }],
          digest: Buffer.alloc(32, 7),
          signature: Buffer.alloc(0),
        },
      },
    });
    expect((await world.server.nacked()).reason).toBe(NackReason.DIGEST_MISMATCH);
    expect(await statusOf(world)).toBe(200);
    expect(world.ingress.status().revision).toBe("1000/1");
  });

  it("never goes back within an epoch, nor to a lower epoch, but on to a higher one", async () => {
    await using world = await World.of(resources);
    await world.change([{ ...key.resource, active: false }]);
    await world.change([]);
    world.server.respondsToNacks = false;
    world.server.restore(1000, served(...resources(world)), 1);
    expect((await world.server.nacked(1)).reason).toBe(NackReason.OLDER_REVISION);
    world.server.restore(999, served(...resources(world)), 50);
    expect((await world.server.nacked(2)).reason).toBe(NackReason.OLDER_REVISION);
    expect(await statusOf(world)).toBe(403);
    world.server.restore(2000, served(...resources(world)), 1);
    await world.server.acked();
    expect([await statusOf(world), world.ingress.status().revision]).toEqual([200, "2000/1"]);
  });

  it("refuses a snapshot with a chunk too few or out of order", async () => {
    await using world = await World.of(resources);
    world.server.respondsToNacks = false;
    const revision = { epoch: 1000n, number: 9n };
    const begin = { $case: "snapshotBegin", value: { revision, resourceCount: 3n, chunkCount: 2 } } as const;
    const end = {
      $case: "snapshotEnd",
      value: { revision, digest: world.server.digest, resourceCount: 3n, signature: Buffer.alloc(0) },
    } as const;
    world.server.broadcast({ message: begin });
    world.server.broadcast({ message: { $case: "snapshotChunk", value: { index: 1, resources: [] } } });
    expect((await world.server.nacked(1)).reason).toBe(NackReason.MALFORMED);
    world.server.broadcast({ message: begin });
    world.server.broadcast({ message: end });
    expect((await world.server.nacked(2)).reason).toBe(NackReason.MALFORMED);
    expect(await statusOf(world)).toBe(200);
  });

  it("takes only what is signed, when it has the key for it", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const other = generateKeyPairSync("ed25519");
    const file = join(mkdtempSync(join(tmpdir(), "latchkey-pem-")), "public.pem");
    writeFileSync(file, publicKey.export({ type: "spki", format: "pem" }));
    let signer = privateKey;
    await using world = await World.empty({
      server: { sign: (revision, digest) => signRevision(revision, digest, signer) },
    });
    world.server.load(served(...resources(world)));
    await world.startIngress({ controlPlane: { publicKeyFile: file } });
    await world.server.acked();
    world.server.respondsToNacks = false;
    signer = other.privateKey;
    world.server.change(served({ ...key.resource, active: false }));
    expect((await world.server.nacked()).reason).toBe(NackReason.BAD_SIGNATURE);
    expect(await statusOf(world)).toBe(200);
  });

  describe("with the public key", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const publicKeyFile = join(mkdtempSync(join(tmpdir(), "latchkey-pem-")), "public.pem");
    writeFileSync(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
    const sign = (revision: Revision, digest: Uint8Array) => signRevision(revision, digest, privateKey);
    const hourMs = 3_600_000;
    const expiring = (world: World) => [
      ...resources(world),
      { ...key.resource, expiresAtMs: Date.now() + hourMs / 2 },
    ];

    it("takes the control plane's clock from signed heartbeats", async () => {
      await using world = await World.of(expiring, {
        config: { controlPlane: { publicKeyFile } },
        server: {
          sign,
          signHeartbeat: (content) => signHeartbeat(content, privateKey),
          clock: () => Date.now() + hourMs,
          heartbeatMs: 20,
        },
      });
      await until(async () => (await statusOf(world)) === 403);
    });

    const other = generateKeyPairSync("ed25519").privateKey;
    it.each([
      ["no signature", (_: HeartbeatContent) => Buffer.alloc(0)],
      ["another key's signature", (content: HeartbeatContent) => signHeartbeat(content, other)],
      [
        "a signature over another time",
        (content: HeartbeatContent) =>
          signHeartbeat({ ...content, serverTimeMs: content.serverTimeMs - hourMs }, privateKey),
      ],
      [
        "a signature over another digest",
        (content: HeartbeatContent) => signHeartbeat({ ...content, digest: Buffer.alloc(32) }, privateKey),
      ],
      [
        "a signature over another revision",
        ({ revision, ...content }: HeartbeatContent) =>
          signHeartbeat({ ...content, revision: { ...revision, number: revision.number + 1 } }, privateKey),
      ],
      [
        "a signature of another stream",
        (content: HeartbeatContent) =>
          signHeartbeat({ ...content, challenge: Buffer.alloc(16, 7) }, privateKey),
      ],
    ] as const)(
      "takes no clock from a heartbeat with %s, says so once, and applies revisions",
      async (_, lie) => {
        await using world = await World.of(expiring, {
          config: { controlPlane: { publicKeyFile } },
          server: { sign, signHeartbeat: lie, clock: () => Date.now() + hourMs, heartbeatMs: 20 },
        });
        await until(async () => world.logLines.join("").includes("heartbeats are not signed"));
        expect(await statusOf(world)).toBe(200);
        world.server.change(served({ ...key.resource, active: false }));
        await world.server.when(() => world.server.acks.length === 2);
        expect(await statusOf(world)).toBe(403);
        expect(world.logLines.filter((line) => line.includes("heartbeats are not signed"))).toHaveLength(1);
      },
    );

    it("is not kept believing that it is up to date by heartbeats that are repeated", async () => {
      const recorded: SubscribeResponse[] = [];
      await using world = await World.of(resources, {
        config: { controlPlane: { publicKeyFile, maxStaleMs: 500 } },
        server: {
          sign,
          heartbeatMs: 20,
          signHeartbeat: (content) => {
            const signature = signHeartbeat(content, privateKey);
            recorded.push({
              message: {
                $case: "heartbeat",
                value: {
                  serverTimeMs: BigInt(content.serverTimeMs),
                  revision: revisionToWire(content.revision),
                  digest: Buffer.from(content.digest),
                  sequence: BigInt(content.sequence),
                  signature,
                },
              },
            });
            return signature;
          },
        },
      });
      await until(async () => (await statusOf(world)) === 200);
      // From here on a party in between keeps the true ones back, and repeats old ones.
      world.server.isMute = true;
      const repeating = setInterval(() => {
        for (const message of recorded.slice(-5)) world.server.broadcast(message);
      }, 20);
      try {
        await until(async () => (await statusOf(world)) === 503);
      } finally {
        clearInterval(repeating);
      }
    });
  });

  /** A heartbeat that says that the control plane holds something else under the newest revision. */
  const beatOtherwise = ({ server }: World, sequence: bigint) => {
    const content = { serverTimeMs: BigInt(Date.now()), revision: revisionToWire(server.revision), sequence };
    const value = { ...content, digest: Buffer.alloc(32, 1), signature: Buffer.alloc(0) };
    server.broadcast({ message: { $case: "heartbeat", value } });
  };

  it("makes one new stream when the control plane holds something else under the same revision", async () => {
    await using world = await World.of(resources);
    await world.server.when(() => world.server.streamCount === 1);
    world.server.isMute = true;
    beatOtherwise(world, 99n);
    await world.server.when(() => world.server.hellos.length === 2);
    expect(world.logLines.join("")).toContain("something else under the same revision");
    expect(await statusOf(world)).toBe(200);
    // The hello has told it: what the node is to hold comes on this stream.
    beatOtherwise(world, 100n);
    world.server.change([]);
    await world.server.acked();
    expect(world.server.hellos.length).toBe(2);
  });

  it("serves on while the control plane is away, and resumes where it stood", async () => {
    await using world = await World.of(resources);
    const { port } = world.server;
    await world.server.close();
    for (let i = 0; i < 20; i++) expect(await statusOf(world)).toBe(200);
    expect((await fetch(`${world.adminUrl}/readyz`)).status).toBe(200);
    await using back = new Disposer(await SnapshotServer.start({}, port));
    back.server.load(served(...resources(world)), 1);
    await back.server.when(() => back.server.hellos.length > 0);
    const [hello] = back.server.hellos;
    expect(hello?.knownRevision).toEqual({ epoch: 1000n, number: 1n });
    expect(back.server.digest.equals(hello?.knownDigest ?? Buffer.alloc(0))).toBe(true);
    expect(back.server.snapshotsSent).toBe(0);
    back.server.change(served({ ...key.resource, active: false }));
    await back.server.acked();
    expect(await statusOf(world)).toBe(403);
  });

  it("gives a silent stream up and makes a new one", async () => {
    await using world = await World.of(resources, { config: { controlPlane: { silenceMs: 300 } } });
    world.server.isMute = true;
    await world.server.when(() => world.server.hellos.length > 1);
    expect(world.logLines.join("")).toContain("the stream is silent");
    world.server.isMute = false;
    await world.server.when(
      () => world.server.hellos.length > 2 || world.ingress.status().stream === "streaming",
    );
    expect(await statusOf(world)).toBe(200);
  });

  it("lets keys expire by the control plane's clock", async () => {
    const hourMs = 3_600_000;
    await using world = await World.of(
      (made) => [...resources(made), { ...key.resource, expiresAtMs: Date.now() + hourMs / 2 }],
      { server: { clock: () => Date.now() + hourMs, heartbeatMs: 50 } },
    );
    await until(async () => !((await statusOf(world)) !== 403));
  });

  it("refuses everything in strict mode when it has heard nothing for too long", async () => {
    await using world = await World.of(resources, {
      config: { controlPlane: { maxStaleMs: 400 } },
      server: { heartbeatMs: 50 },
    });
    await until(async () => (await statusOf(world)) === 200);
    await world.server.close();
    await until(async () => !((await statusOf(world)) === 200));
    const response = await fetch(`${world.url}/a`, { headers: header });
    expect([response.status, response.headers.get("latchkey-error")]).toEqual([503, "gateway.stale"]);
    expect((await fetch(`${world.adminUrl}/readyz`)).status).toBe(503);
  });

  it("tells of usage and health, with counts that add up and without secrets", async () => {
    await using world = await World.of(resources);
    for (let i = 0; i < 5; i++) await statusOf(world);
    await fetch(`${world.url}/nope`, { headers: header });
    const counts = await world.server.when(() => {
      const all = world.server.usage.flatMap((batch) => batch.counts);
      return all.reduce((sum, { count }) => sum + Number(count), 0) === 6 && all;
    });
    const ok = counts.filter(({ status }) => status === 200);
    expect(ok[0]).toMatchObject({
      apiId: "api_1",
      keyId: "key_1",
      integrationId: "int_1",
      routeId: "rte_GET/a",
    });
    expect(ok[0]?.latencyBuckets.reduce((sum, n) => sum + n, 0n)).toBe(ok[0]?.count);
    const samples = world.server.usage.flatMap((batch) => batch.samples);
    expect(samples.map(({ path }) => path)).toContain("/nope");
    expect(samples.find(({ path }) => path === "/nope")?.errorCode).toBe("route.not_found");
    const text = JSON.stringify(world.server.usage, (_name, value) =>
      typeof value === "bigint" ? Number(value) : (value as unknown),
    );
    expect(text).not.toContain(key.secret);
  });

  it("applies a large change beside the current table", async () => {
    await using world = await World.of(resources);
    const many = Array.from({ length: 2_500 }, (_, i) => anApi(`api_m${i}`, [aRoute("GET", "/m", "int_1")]));
    await world.change(many);
    expect(world.ingress.status().apis).toBe(2_501);
    expect(await statusOf(world)).toBe(200);
    await world.change(
      [],
      many.map(({ id }) => ({ kind: "api", id })),
    );
    expect(world.ingress.status().apis).toBe(1);
  });
});

class Disposer implements AsyncDisposable {
  readonly server: SnapshotServer;
  constructor(server: SnapshotServer) {
    this.server = server;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}
