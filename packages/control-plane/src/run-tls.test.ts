/** A whole control plane with TLS on both ports: who gets in, and what a renewal of the certificates does to whom. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { createLogger } from "@latchkey/observe";
import { hasOpenssl, type IssuedCertificate, SimulatedNode, TestAuthority } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneSchema } from "./config.js";
import { type ControlPlane, runControlPlane } from "./run.js";
import type { Json } from "./testing/fixture.js";

const TOKEN = "an-admin-token-of-the-tests";
const isPossible = hasOpenssl();
if (!isPossible) console.warn("run-tls.test.ts is skipped: there is no openssl to make certificates with");

let folder: string;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-run-tls-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write({ cert, key }: IssuedCertificate): void {
  writeFileSync(file("cert.pem"), cert);
  writeFileSync(file("key.pem"), key);
}

const start = (): Promise<ControlPlane> => {
  const tls = { port: 0, tlsCertFile: file("cert.pem"), tlsKeyFile: file("key.pem") };
  const config = controlPlaneSchema.parse({
    dataDir: file("data"),
    adminToken: TOKEN,
    http: tls,
    grpc: { ...tls, clientCaFile: file("ca.pem") },
  });
  return runControlPlane(config, { logger: createLogger({ name: "test", level: "silent" }) });
};

function graphql({ graphqlUrl }: ControlPlane, ca: Buffer, query: string): Promise<Json> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
    const req = request(graphqlUrl, { method: "POST", ca, headers, agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      res.on("end", () => resolve(JSON.parse(text)));
    });
    req.on("error", reject).end(JSON.stringify({ query }));
  });
}

async function joinNode(
  controlPlane: ControlPlane,
  name: string,
  ca: Buffer,
  shown: IssuedCertificate | null,
) {
  const { data } = await graphql(
    controlPlane,
    authorityOfHttp.certificate,
    `mutation { createNode(input: {name: "${name}"}) { node { id } token } }`,
  );
  const node = new SimulatedNode({
    address: controlPlane.grpcAddress,
    nodeId: name,
    token: data.createNode.token,
    credentials:
      shown === null ? credentials.createSsl(ca) : credentials.createSsl(ca, shown.key, shown.cert),
  });
  node.connect();
  return node;
}

let authorityOfHttp: TestAuthority;

function serialAt(address: string, ca: Buffer, shown: IssuedCertificate): Promise<string> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const options = { host, port: Number(port), ca, ...shown, ALPNProtocols: ["h2"] };
    const socket = tlsConnect(options, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

describe.skipIf(!isPossible)("a control plane with TLS", { timeout: 90_000 }, () => {
  it("speaks HTTPS, lets in nodes with a certificate, and drops no stream when certificates are renewed", async () => {
    using ours = new TestAuthority("ours");
    using next = new TestAuthority("next");
    authorityOfHttp = ours;
    write(ours.issue("server"));
    writeFileSync(file("ca.pem"), ours.certificate);
    const shown = ours.issue("node");
    await using controlPlane = await start();
    expect(controlPlane.graphqlUrl).toMatch(/^https:/);
    const viewer = "{ viewer { actor } }";
    expect((await graphql(controlPlane, ours.certificate, viewer)).data).toEqual({
      viewer: { actor: "admin" },
    });
    await expect(graphql(controlPlane, next.certificate, viewer)).rejects.toThrow(/certificate/);
    await expect(fetch(controlPlane.graphqlUrl.replace("https:", "http:"))).rejects.toThrow();

    const first = await joinNode(controlPlane, "node-1", ours.certificate, shown);
    await first.untilRevision(0);
    const bare = await joinNode(controlPlane, "node-2", ours.certificate, null);
    await bare.untilEnd();
    expect(bare.revision).toBeNull();

    // Renewed by another authority: server's certificate, and whose certificates nodes must show.
    const before = await serialAt(controlPlane.grpcAddress, ours.certificate, shown);
    write(next.issue("server"));
    writeFileSync(file("ca.pem"), Buffer.concat([ours.certificate, next.certificate]));
    controlPlane.reloadCertificates();
    authorityOfHttp = next;
    expect(await serialAt(controlPlane.grpcAddress, next.certificate, shown)).not.toBe(before);
    const second = await joinNode(controlPlane, "node-3", next.certificate, next.issue("node"));
    await second.untilRevision(0);

    // The stream from before is the same one, and still gets what changes.
    expect([first.isConnected, first.end]).toEqual([true, null]);
    const created = await graphql(
      controlPlane,
      next.certificate,
      'mutation { createSubscription(input: {name: "A"}) { subscription { id } } }',
    );
    const made = await graphql(
      controlPlane,
      next.certificate,
      `mutation { createIntegration(input: {subscriptionId: "${created.data.createSubscription.subscription.id}", name: "I", urls: ["https://i.example/"]}) { revision { number } } }`,
    );
    const { number } = made.data.createIntegration.revision;
    await Promise.all([first.untilRevision(number), second.untilRevision(number)]);
    expect(first.end).toBeNull();
    for (const node of [first, bare, second]) node.close();
  });

  it("keeps the old certificate while only one of the two files is new", async () => {
    using ours = new TestAuthority("ours");
    authorityOfHttp = ours;
    write(ours.issue("server"));
    writeFileSync(file("ca.pem"), ours.certificate);
    await using controlPlane = await start();
    const shown = ours.issue("node");
    const before = await serialAt(controlPlane.grpcAddress, ours.certificate, shown);
    writeFileSync(file("cert.pem"), ours.issue("server").cert);
    controlPlane.reloadCertificates();
    expect(await serialAt(controlPlane.grpcAddress, ours.certificate, shown)).toBe(before);
  });
});
