/** Requests as a target gets them, verified with the signer of AWS' own SDK. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsSettings, CredentialResource } from "@latchkey/snapshot";
import { firstTestCertificate } from "@latchkey/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signedByAws } from "../testing/aws-signer.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const API: AwsSettings = { region: "eu-north-1", service: "execute-api", accessKeyId: "AKIDEXAMPLE" };
const key = aKey("key_1", "api_1");

process.env.LATCHKEY_SECRET_AWS_TEST = SECRET;
const dir = mkdtempSync(join(tmpdir(), "latchkey-aws-"));
const caFile = join(dir, "ca.pem");
writeFileSync(caFile, firstTestCertificate.cert);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function aSigner(id: string, settings: AwsSettings): CredentialResource {
  const secret = { kind: "reference", reference: "env:LATCHKEY_SECRET_AWS_TEST" } as const;
  return {
    kind: "credential",
    id,
    subscriptionId: "sub_1",
    name: id,
    scheme: { kind: "aws", ...settings },
    secret,
  };
}

/** The Authorization that AWS' signer makes of what came; what is not signed plays no part. */
function expected(req: IncomingMessage, body: Buffer, settings: AwsSettings): string {
  const url = new URL(req.url ?? "/", "http://target");
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const names = /SignedHeaders=([^,]*)/.exec(req.headers.authorization ?? "")?.[1]?.split(";") ?? [];
  const headers = Object.fromEntries(names.map((name) => [name, String(req.headers[name])]));
  const isUnsigned = headers["x-amz-content-sha256"] === "UNSIGNED-PAYLOAD";
  if (!isUnsigned)
    expect(headers["x-amz-content-sha256"]).toBe(createHash("sha256").update(body).digest("hex"));
  const time = headers["x-amz-date"] ?? "";
  const nowMs = Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const request = {
    method: req.method ?? "",
    path: url.pathname,
    query,
    headers,
    body: body.toString("base64"),
  };
  const [authorization = ""] = signedByAws([{ scope: settings, secret: SECRET, ...request, nowMs }]);
  return authorization;
}

interface Received {
  readonly req: IncomingMessage;
  readonly body: Buffer;
}

describe.each(engines)("requests signed for AWS over %s", (engine) => {
  let target: Server;
  let s3: Server;
  let received: Received[] = [];
  let respond: { status: number; date: string } = { status: 200, date: new Date().toUTCString() };

  async function listening(server: Server): Promise<Server> {
    server.on("request", (req: IncomingMessage, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        received.push({ req, body: Buffer.concat(chunks) });
        res.writeHead(respond.status, { date: respond.date }).end("ok");
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }
  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    target = await listening(createServer());
    s3 = await listening(createTlsServer(firstTestCertificate) as unknown as Server);
  });
  beforeEach(() => {
    received = [];
    respond = { status: 200, date: new Date().toUTCString() };
  });
  afterAll(() => {
    for (const server of [target, s3]) {
      server.closeAllConnections();
      server.close();
    }
  });

  function world(settings: AwsSettings, url: string, more: object = {}): Promise<World> {
    return World.of(
      () => [
        aSigner("crd_1", settings),
        anIntegration("int_1", url, { credentialIds: ["crd_1"], method: "AS_RECEIVED", ...more }),
        anApi("api_1", [aRoute("ANY", "/orders/{id}", "int_1")]),
        key.resource,
      ],
      { engine, config: { limits: { checkedBodyBytesMax: 65_536 }, upstreams: { caFile } } },
    );
  }

  function send(node: World, path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(node.url + path, {
      ...init,
      headers: { "connxio-api-key": key.secret, ...(init.headers as Record<string, string>) },
    });
  }

  it("bear a signature of what goes over the wire, behind the header rules", async () => {
    const set = { action: "set", name: "X-Amz-Tenant", value: "north  star" } as const;
    await using node = await world(API, `http://127.0.0.1:${portOf(target)}/stage/{id}?v=1`, {
      headerRules: { request: [set], response: [] },
    });
    const own = { authorization: "Bearer mine", "x-amz-date": "20200101T000000Z", "X-Amz-Tenant": "mine" };
    const paths = ["/orders/7", "/orders/a%20b%2Fc?q=a+b&x=%C3%A6%21&x=1&empty"];
    for (const path of paths) expect((await send(node, path, { headers: own })).status).toBe(200);
    const body = "x".repeat(30_000);
    await send(node, "/orders/7", { method: "POST", body, headers: { "content-type": "text/plain" } });
    const stream = new Blob([body, "more"]).stream();
    await send(node, "/orders/7", { method: "PUT", body: stream, duplex: "half" } as RequestInit);
    expect(received).toHaveLength(4);
    for (const { req, body: came } of received) {
      expect(req.headers.authorization).toBe(expected(req, came, API));
      expect(req.headers["x-amz-tenant"]).toBe("north  star");
      expect(req.headers.authorization).toContain("x-amz-tenant");
    }
    expect(received[2]?.req.headers.authorization).toContain("content-type;");
    expect(received[3]?.body.length).toBe(30_004);
    expect(received[3]?.req.headers["content-length"]).toBe("30004");
  });

  it("are signed anew for another target", async () => {
    await using node = await world(API, "", {
      urls: ["http://127.0.0.1:1/", `http://127.0.0.1:${portOf(target)}/`],
      retry: { attemptsMax: 1, budgetPercent: 100 },
    });
    for (let i = 0; i < 3; i++)
      expect((await send(node, "/orders/7", { method: "POST", body: "an order" })).status).toBe(200);
    for (const { req, body } of received) expect(req.headers.authorization).toBe(expected(req, body, API));
  });

  it("are read whole first, within the bound of bodies that are checked", async () => {
    await using node = await world(API, `http://127.0.0.1:${portOf(target)}/`);
    const response = await send(node, "/orders/7", { method: "POST", body: "x".repeat(65_537) });
    expect([response.status, response.headers.get("latchkey-error")]).toEqual([
      413,
      "request.body_too_large",
    ]);
    expect((await send(node, "/orders/7", { method: "POST", body: "x".repeat(65_536) })).status).toBe(200);
    expect(received.map(({ body }) => body.length)).toEqual([65_536]);
  });

  it("have no digest of the body for S3 over TLS, and one without TLS", async () => {
    const settings = { ...API, service: "s3" };
    const body = "x".repeat(200_000);
    for (const [url, digest] of [
      [`https://localhost:${portOf(s3)}/{id}`, "UNSIGNED-PAYLOAD"],
      [`http://127.0.0.1:${portOf(target)}/{id}`, createHash("sha256").update("short").digest("hex")],
    ] as const) {
      received = [];
      await using node = await world(settings, url);
      const isUnsigned = digest === "UNSIGNED-PAYLOAD";
      const path = "/orders/a%20b'(1)";
      expect((await send(node, path, { method: "PUT", body: isUnsigned ? body : "short" })).status).toBe(200);
      const [{ req, body: came }] = received as [Received];
      expect(req.headers["x-amz-content-sha256"]).toBe(digest);
      expect(came.length).toBe(isUnsigned ? body.length : 5);
      // Their signer takes a path that is encoded as S3 does it.
      const encoded = (req.url ?? "").replace(
        /['()]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      req.url = encoded;
      expect(req.headers.authorization).toBe(expected(req, came, settings));
    }
  });

  it("that a target refuses are in the log where its clock differs", async () => {
    await using node = await world(API, `http://127.0.0.1:${portOf(target)}/`);
    respond = { status: 403, date: new Date().toUTCString() };
    await send(node, "/orders/7");
    expect(node.logLines.some((line) => line.includes("skewSeconds"))).toBe(false);
    respond = { status: 403, date: new Date(Date.now() + 600_000).toUTCString() };
    expect((await send(node, "/orders/7")).status).toBe(403);
    const line = node.logLines.find((text) => text.includes("skewSeconds")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ credentialId: "crd_1", level: expect.anything() });
    expect(Math.abs((JSON.parse(line) as { skewSeconds: number }).skewSeconds + 600)).toBeLessThan(5);
    expect(node.logLines.join("")).not.toContain(SECRET);
  });
});
