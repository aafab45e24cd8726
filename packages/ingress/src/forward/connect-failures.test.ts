/** Why an integration cannot be connected to: a code of its own for each cause, and the cause in the log. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { firstTestCertificate, NameServer, secondTestCertificate, type TestKey } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";

const key: TestKey = aKey("key_1", "api_1");
const dir = mkdtempSync(join(tmpdir(), "latchkey-ca-"));
const caFile = join(dir, "ca.pem");
let names: NameServer;
beforeAll(async () => {
  writeFileSync(caFile, firstTestCertificate.cert);
  names = await NameServer.start({ "other.test": ["127.0.0.1"], "silent.test": "silent" });
});
afterAll(async () => {
  await names[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function tlsOrigin(options: TlsOptions): Promise<Server> {
  const server = createTlsServer(options, (socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("a connection to an integration", () => {
  it("fails with a code that says why, and a log line that names the cause", async () => {
    const trusted = await tlsOrigin(firstTestCertificate);
    const unknown = await tlsOrigin(secondTestCertificate);
    const mutual = await tlsOrigin({ ...firstTestCertificate, requestCert: true, rejectUnauthorized: true });
    const plain = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    }).listen(0, "127.0.0.1");
    await once(plain, "listening");
    const portOf = (server: Server) => (server.address() as AddressInfo).port;
    const urls: Record<string, string> = {
      trusted: `https://localhost:${portOf(trusted)}/`,
      unknown: `https://localhost:${portOf(unknown)}/`,
      name: `https://other.test:${portOf(trusted)}/`,
      mutual: `https://localhost:${portOf(mutual)}/`,
      plain: `https://127.0.0.1:${portOf(plain)}/`,
      missing: "http://missing.test/",
      silent: "http://silent.test/",
    };
    await using world = await World.of(
      () => [
        ...Object.entries(urls).map(([name, url]) => anIntegration(`int_${name}`, url)),
        anApi(
          "api_1",
          Object.keys(urls).map((name) => aRoute("ANY", `/${name}`, `int_${name}`)),
        ),
        key.resource,
      ],
      {
        config: { upstreams: { caFile, connectTimeoutMs: 5_000 }, dns: { servers: [names.address] } },
      },
    );
    const codes: Record<string, string> = {};
    for (const name of Object.keys(urls)) {
      const response = await fetch(`${world.url}/${name}`, { headers: { "Connxio-Api-Key": key.secret } });
      codes[name] = response.headers.get("latchkey-error") ?? String(response.status);
    }
    expect(codes).toEqual({
      trusted: "200",
      unknown: "upstream.certificate_refused",
      name: "upstream.certificate_refused",
      mutual: "upstream.tls_failed",
      plain: "upstream.tls_failed",
      missing: "upstream.dns_failed",
      silent: "upstream.dns_failed",
    });
    const logged = world.logLines.join("");
    expect(logged).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(logged).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(logged).toContain("missing.test does not resolve");
    expect(logged).not.toContain(key.secret);
    for (const server of [trusted, unknown, mutual, plain]) server.close();
  });
});
