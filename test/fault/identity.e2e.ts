/** Nodes that come with what no longer counts, or never did: certificates that expired, tokens that are forged or old. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import {
  eventually,
  firstTestCertificate,
  hasOpenssl,
  type IssuedCertificate,
  SimulatedNode,
  TestAuthority,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { enforced, type MadeApi } from "../support/seed.js";
import { BusyStack, isRefused } from "./support/busy-stack.js";
import { fault, NotHere } from "./support/fault.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { shoot } from "./support/traffic.js";

const UNAUTHENTICATED = 16;

fault(
  {
    row: "41",
    fault: "forged, foreign, revoked and replayed node tokens",
    holds:
      "each is refused and counted; the node whose token it was goes on; no token is in a log or an audit entry",
    target: "100 % refused, audit entry",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const mine = await stack.makeNode("mine");
    const old = await stack.makeNode("regenerated");
    const gone = await stack.makeNode("deleted");
    const { regenerateNodeToken } = await stack.graphql<{ regenerateNodeToken: { token: string } }>(
      "mutation($input: RegenerateNodeTokenInput!) { regenerateNodeToken(input: $input) { token } }",
      { input: { id: old.id } },
    );
    const fresh = regenerateNodeToken.token;
    stack.secrets.add(fresh);
    await stack.graphql(
      "mutation($input: DeleteNodeInput!) { deleteNode(input: $input) { userErrors { code } } }",
      {
        input: { id: gone.id },
      },
    );
    const forged = (token: string, i: number) => {
      const at = 4 + (i % (token.length - 4));
      const other = token[at] === "A" ? "B" : "A";
      return token.slice(0, at) + other + token.slice(at + 1);
    };
    const cases: [what: string, name: string, token: string][] = [
      ["none", mine.name, ""],
      ["another node's", mine.name, old.token],
      ["the operator's", mine.name, stack.adminToken],
      ["replayed after it was regenerated", old.name, old.token],
      ["replayed after the node was deleted", gone.name, gone.token],
      ["another node's fresh one", mine.name, fresh],
    ];
    for (let i = 0; i < rounds(30, 500, 5_000); i++)
      cases.push([`forged ${i}`, mine.name, forged(mine.token, i)]);
    for (let i = 0; i < 10; i++)
      cases.push([`random ${i}`, mine.name, randomBytes(32).toString("base64url")]);
    cases.push([
      "signed by a stranger",
      mine.name,
      `${mine.name}.${createHmac("sha256", "x").update(mine.name).digest("hex")}`,
    ]);
    const ends = new Map<string, number | undefined>();
    for (const [what, nodeId, token] of cases) {
      const intruder = new SimulatedNode({ address: stack.grpcAddress, nodeId, token });
      try {
        intruder.connect();
        await intruder.untilEnd();
        expect([what, intruder.revision, intruder.events.length]).toEqual([what, null, 0]);
        ends.set(what, intruder.end?.code);
      } finally {
        intruder.close();
      }
    }
    expect([...ends].filter(([, code]) => code !== UNAUTHENTICATED)).toEqual([]);
    const metrics = await (
      await fetch(new URL("/metrics", stack.graphqlUrl), {
        headers: { authorization: `Bearer ${stack.adminToken}` },
      })
    ).text();
    const counted = Number(
      /^latchkey_snapshot_streams_refused_total\{cause="token"\} (\d+)$/m.exec(metrics)?.[1],
    );
    expect(counted).toBe(cases.length);
    const audited = await eventually(async () => {
      const { auditLog } = await stack.graphql<{ auditLog: { nodes: { action: string }[] } }>(
        "{ auditLog(first: 50) { nodes { action } } }",
      );
      const entries = auditLog.nodes.filter(({ action }) => action.includes("refuse"));
      return entries.length > 0 ? entries : undefined;
    }, "the audit log tells of it");
    // The real one is accepted, and the real node was not disturbed.
    const real = new SimulatedNode({ address: stack.grpcAddress, nodeId: mine.name, token: mine.token });
    try {
      real.connect();
      await real.until(({ revision }) => revision !== null);
    } finally {
      real.close();
    }
    expect(busy.relay.connectionsMade).toBe(1);
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);
    return `${cases.length} of ${cases.length} refused with UNAUTHENTICATED and counted, nothing was sent to them; ${audited.length} audit entries (${audited[0]?.action}; at most one a minute and source); ${traffic.sent} requests, 0 failed`;
  },
);

fault(
  {
    row: "40",
    fault: "a node's certificate has expired when its stream is cut; then it is renewed",
    holds:
      "the stream is refused, the node serves on with what it has and says so; renewed, it catches up without a restart",
    target: "0 failed requests",
  },
  async () => {
    if (!hasOpenssl()) throw new NotHere("there is no openssl to make certificates with");
    const dir = mkdtempSync(join(tmpdir(), "latchkey-tls-"));
    try {
      using authority = new TestAuthority("nodes");
      const write = (name: string, bytes: Buffer): string => {
        const file = join(dir, name);
        writeFileSync(file, bytes, { mode: 0o600 });
        return file;
      };
      const show = ({ cert, key }: IssuedCertificate): [certFile: string, keyFile: string] => [
        write("node.pem", cert),
        write("node.key", key),
      ];
      const caFile = write("ca.pem", authority.certificate);
      const server = authority.issue("control-plane");
      const [certFile, keyFile] = show(authority.issue("node"));
      await using busy = await BusyStack.start({
        controlPlaneEnv: {
          LATCHKEY_CONTROL_PLANE_GRPC_TLS_CERT_FILE: write("server.pem", server.cert),
          LATCHKEY_CONTROL_PLANE_GRPC_TLS_KEY_FILE: write("server.key", server.key),
          LATCHKEY_CONTROL_PLANE_GRPC_CLIENT_CA_FILE: caFile,
        },
        ingressEnv: {
          LATCHKEY_INGRESS_CONTROL_PLANE_CA_FILE: caFile,
          LATCHKEY_INGRESS_CONTROL_PLANE_CERT_FILE: certFile,
          LATCHKEY_INGRESS_CONTROL_PLANE_KEY_FILE: keyFile,
        },
      });
      const { stack, relay, traffic } = busy;
      const statusOf = async ({ secret }: MadeApi) => (await shoot({ url: busy.url, key: secret })).status;
      const victim = await busy.makeApi("revoked meanwhile");
      await enforced(stack, victim.revision);
      show(authority.issue("node", -1));
      relay.cut();
      await busy.revoke(victim);
      const status = async () =>
        (await (await fetch(`${stack.ingress.adminUrl}/status`)).json()) as {
          stream: string;
          streamError: string;
        };
      const made = relay.connectionsMade;
      await eventually(
        async () => (relay.connectionsMade >= made + rounds(5, 20, 200) ? true : undefined),
        "it has tried several times",
      );
      const { stream, streamError } = await status();
      expect(stream).not.toBe("streaming");
      expect(streamError).toMatch(/certificate|UNAVAILABLE/);
      const { ingressNodes } = await stack.graphql<{
        ingressNodes: { nodes: { name: string; connected: boolean }[] };
      }>("{ ingressNodes { nodes { name connected } } }");
      expect(ingressNodes.nodes.filter(({ connected }) => connected)).toEqual([]);
      expect(await statusOf(victim)).toBe(200);
      const metrics = await shoot({ url: `${stack.ingress.adminUrl}/metrics` });
      const ageSeconds = Number(/^latchkey_ingress_config_age_seconds (\S+)$/m.exec(metrics.body)?.[1]);
      expect(ageSeconds).toBeGreaterThan(0);

      show(authority.issue("node"));
      const renewedMs = performance.now();
      await eventually(
        async () => (isRefused(await statusOf(victim)) ? true : undefined),
        "the missed revocation is enforced",
        { everyMs: 5 },
      );
      const backMs = performance.now() - renewedMs;
      const witness = authority.issue("witness");
      await checkInvariants(stack, credentials.createSsl(authority.certificate, witness.key, witness.cert));
      expect(traffic.report.reasons).toEqual([]);
      return `refused ${relay.connectionsMade - made - 1} times, served on (config_age_seconds told ${ageSeconds.toFixed(1)}); renewed: the missed revocation enforced ${(backMs / 1000).toFixed(1)} s later, without a restart; ${traffic.sent} requests, 0 failed`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);

fault(
  {
    row: "40",
    fault: "the file of the control plane's authority is away when the stream of a node with workers is cut",
    holds:
      "the node serves on, comes back with the authority that it read before, and enforces what it missed",
    target: "0 failed requests",
  },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-tls-"));
    try {
      const write = (name: string, text: string): string => {
        const file = join(dir, name);
        writeFileSync(file, text, { mode: 0o600 });
        return file;
      };
      const { cert, key } = firstTestCertificate;
      const caFile = write("ca.pem", cert);
      await using busy = await BusyStack.start({
        controlPlaneEnv: {
          LATCHKEY_CONTROL_PLANE_GRPC_TLS_CERT_FILE: write("server.pem", cert),
          LATCHKEY_CONTROL_PLANE_GRPC_TLS_KEY_FILE: write("server.key", key),
        },
        ingressEnv: { LATCHKEY_INGRESS_CONTROL_PLANE_CA_FILE: caFile, LATCHKEY_INGRESS_WORKERS: "2" },
      });
      const { stack, relay, traffic } = busy;
      const victim = await busy.makeApi("revoked meanwhile");
      await enforced(stack, victim.revision);
      const statusOf = async ({ secret }: MadeApi) => (await shoot({ url: busy.url, key: secret })).status;
      expect(await statusOf(victim)).toBe(200);
      rmSync(caFile);
      relay.cut();
      await busy.revoke(victim);
      await eventually(
        async () => (isRefused(await statusOf(victim)) ? true : undefined),
        "the revocation is enforced",
        { everyMs: 5 },
      );
      await checkInvariants(stack, credentials.createSsl(Buffer.from(cert)));
      expect(traffic.report.reasons).toEqual([]);
      return `back over TLS after ${relay.connectionsMade} connections, revocation enforced by both workers; ${traffic.sent} requests, 0 failed`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);
