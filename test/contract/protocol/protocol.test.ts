/** docs/snapshot-protocol.md says enough to write a node, its test vectors are the code's, and such a node works. */
import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { type ControlPlane, controlPlaneSchema, runControlPlane } from "@latchkey/control-plane";
import { createLogger } from "@latchkey/observe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, PlainNode } from "./plain-node.js";
import { beat, challenge, publicKey, resources, revision, vectorLines } from "./vectors.js";

const page = readFileSync(join(import.meta.dirname, "../../../docs/snapshot-protocol.md"), "utf8");

describe("the page's test vectors", () => {
  const lines = vectorLines();

  it("are what the code hashes and signs", () => {
    const table = lines.map(([name, hex]) => `| ${name} | \`${hex}\` |`).join("\n");
    expect(page).toContain(`| | hexadecimal |\n|---|---|\n${table}\n`);
  });

  it("are what a node makes that was written from the page", () => {
    const hex = new Map(lines);
    const hashes = resources.map((one) => bytes.hash(one));
    expect(hashes.map((hash) => hash.toString("hex"))).toEqual(lines.slice(0, 3).map(([, text]) => text));
    const sumOf = (count: number) =>
      bytes.digest(hashes.slice(0, count).reduce((sum, hash) => sum + bytes.toNumber(hash), 0n));
    expect(sumOf(0).toString("hex")).toBe(hex.get("digest of no resource"));
    expect(sumOf(2).toString("hex")).toBe(hex.get("digest of the first two (their sum exceeds 2^256)"));
    const digest = sumOf(3);
    expect(digest.toString("hex")).toBe(hex.get("digest of all three"));
    const signature = (of: string) => Buffer.from(hex.get(`signature of the ${of}`) ?? "", "hex");
    const wire = { epoch: String(revision.epoch), number: String(revision.number) };
    expect(verify(null, bytes.signedRevision(wire, digest), publicKey, signature("revision"))).toBe(true);
    const heartbeat = {
      sequence: String(beat.sequence),
      server_time_ms: String(beat.serverTimeMs),
      revision: wire,
      digest,
      signature: signature("heartbeat"),
    };
    const signed = bytes.signedHeartbeat(challenge, heartbeat);
    expect(verify(null, signed, publicKey, heartbeat.signature)).toBe(true);
  });
});

describe("a node written from the page alone", () => {
  const TOKEN = "an-admin-token-of-the-tests";
  const keys = generateKeyPairSync("ed25519");
  let folder: string;
  let controlPlane: ControlPlane;
  let node: PlainNode;
  let name: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-protocol-"));
    const signingKeyFile = join(folder, "signing.pem");
    writeFileSync(signingKeyFile, keys.privateKey.export({ format: "pem", type: "pkcs8" }));
    const config = controlPlaneSchema.parse({
      dataDir: join(folder, "data"),
      adminToken: TOKEN,
      http: { port: 0 },
      grpc: { port: 0, signingKeyFile },
    });
    controlPlane = await runControlPlane(config, { logger: createLogger({ name: "test", level: "silent" }) });
    name = "plain";
    const { node: made, token } = (await mutate("createNode", { name }, "node { id } token")) as {
      node: { id: string };
      token: string;
    };
    node = new PlainNode({
      address: controlPlane.grpcAddress,
      node: made.id,
      token,
      publicKey: keys.publicKey,
    });
    await node.until(() => node.revision !== null);
  });
  afterEach(async () => {
    node.close();
    await controlPlane.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(query: string, variables: object = {}): Promise<Record<string, unknown>> {
    const response = await fetch(controlPlane.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  }
  async function mutate(field: string, input: object, selection: string): Promise<unknown> {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const data = await ask(`mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`, {
      input,
    });
    return data[field];
  }
  const receipt = "receipt(timeoutMs: 60000) { complete acknowledged { node } pending { reason } }";
  const statusOf = async () => {
    const { ingressNodes } = (await ask("{ ingressNodes { nodes { status } } }")) as {
      ingressNodes: { nodes: { status: string }[] };
    };
    return ingressNodes.nodes[0]?.status;
  };

  async function makeApi(): Promise<{ keyId: string; receipt: unknown }> {
    const tenant = (await mutate("createSubscription", { name: "Acme" }, "subscription { id }")) as {
      subscription: { id: string };
    };
    const subscriptionId = tenant.subscription.id;
    const target = (await mutate(
      "createIntegration",
      { subscriptionId, name: "Orders", urls: ["https://orders.example.com/in"] },
      "integration { id }",
    )) as { integration: { id: string } };
    const routes = [{ method: "PUT", path: "/orders/{id}", integrationId: target.integration.id }];
    const made = (await mutate(
      "createApi",
      { subscriptionId, title: "Orders", routes },
      `key { id } ${receipt}`,
    )) as { key: { id: string }; receipt: unknown };
    return { keyId: made.key.id, receipt: made.receipt };
  }

  it("is filled, follows changes, checks digests and signatures, and is counted in receipts", async () => {
    expect(node.snapshots).toBe(1);
    const { keyId, receipt: made } = await makeApi();
    expect(made).toEqual({ complete: true, acknowledged: [{ node: name }], pending: [] });
    expect(node.resources.map(({ kind }) => kind).sort()).toEqual(["api", "integration", "key"]);
    const disabled = await mutate("updateApiKey", { id: keyId, active: false }, receipt);
    expect(disabled).toMatchObject({ receipt: { complete: true, acknowledged: [{ node: name }] } });
    expect(node.deltas.at(-1)?.upserts[0]).toMatchObject({ kind: "key", id: keyId });
    await mutate("deleteApiKey", { id: keyId }, receipt);
    expect(node.deltas.at(-1)?.removals).toEqual([{ kind: "key", id: keyId }]);
    expect(node.resources.map(({ kind }) => kind).sort()).toEqual(["api", "integration"]);
    expect(node.snapshots).toBe(1);
    expect(node.heartbeats).toBeGreaterThan(0);
    expect(await statusOf()).toBe("HEALTHY");
  });

  it("ends its stream by the ACK of a revision that was not sent, which counts for nothing", async () => {
    const { epoch, number } = node.revision ?? { epoch: "0", number: "0" };
    const ahead = { epoch, number: String(BigInt(number) + 1n) };
    node.send("ack", { revision: ahead, digest: node.digest, rejected: [] });
    await node.until(() => node.end !== null);
    expect(node.end?.code).toBe(status.INVALID_ARGUMENT);
    const { awaitRevision } = (await ask(
      "query ($revision: RevisionInput!) { awaitRevision(revision: $revision, timeoutMs: 0) { complete } }",
      { revision: { epoch: Number(ahead.epoch), number: Number(ahead.number) } },
    )) as { awaitRevision: { complete: boolean } };
    expect(awaitRevision.complete).toBe(false);
  });

  it("is filled anew after the ACK of another digest than the server's, which confirms nothing", async () => {
    node.wrongDigest = Buffer.alloc(32, 1);
    const before = node.snapshots;
    const { receipt: made } = await makeApi();
    expect(node.snapshots).toBe(before + 1);
    expect(made).toMatchObject({ complete: true, acknowledged: [{ node: name }] });
  });
});

it("has nothing of ours in the node", () => {
  const source = readFileSync(join(import.meta.dirname, "plain-node.ts"), "utf8");
  const imported = [...source.matchAll(/from "([^"]+)"/g)].map(([, module]) => module);
  expect(imported.filter((module) => !/^(node:|@grpc\/)/.test(module ?? ""))).toEqual([]);
});
