/** SIGHUP to real processes: each takes what is in its files now and serves on, without waiting for its own next look at them. */
import { X509Certificate } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { eventually, firstTestCertificate, secondTestCertificate, startProcess } from "@latchkey/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resourcesOf, SmallNode } from "../fault/support/small-node.js";
import { engines } from "../support/engines.js";
import { latchkeyCommand } from "../support/stack.js";

let folder: string;
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-hangup-"));
  writeFileSync(path("cert.pem"), firstTestCertificate.cert);
  writeFileSync(path("key.pem"), firstTestCertificate.key);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** In place and with the times of the old files: a look at them sees nothing new. */
function renewCertificate(): void {
  for (const [name, text] of [
    ["cert.pem", secondTestCertificate.cert],
    ["key.pem", secondTestCertificate.key],
  ] as const) {
    const { atime, mtime } = statSync(path(name));
    writeFileSync(path(name), text);
    utimesSync(path(name), atime, mtime);
  }
}

/** Sends a request of nobody over a new connection, which ends in the access log. @returns the certificate that was shown */
function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.end("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      socket.resume();
      socket.once("end", () => resolve(fingerprintOf(raw)));
    });
    socket.once("error", reject);
  });
}

const fingerprintOf = (certificate: string | Buffer): string =>
  new X509Certificate(certificate).fingerprint256;

const tlsOf = (prefix: string) => ({
  [`${prefix}_TLS_CERT_FILE`]: path("cert.pem"),
  [`${prefix}_TLS_KEY_FILE`]: path("key.pem"),
});

it.each([
  ["one process", 1],
  ["two workers", 2],
] as const)(
  "a node of %s shows the renewed certificate and goes on in a new access log",
  async (_name, workers) => {
    await using node = await SmallNode.start(resourcesOf({}), {
      env: {
        ...tlsOf("LATCHKEY_INGRESS"),
        LATCHKEY_INGRESS_WORKERS: String(workers),
        LATCHKEY_INGRESS_ACCESS_LOG_TO: path("access.log"),
      },
    });
    expect(await ask(node.port)).toBe(fingerprintOf(firstTestCertificate.cert));
    await eventually(async () => existsSync(path("access.log")) || undefined, "there is an access log");
    renewCertificate();
    renameSync(path("access.log"), path("access.1.log"));
    node.process.kill("SIGHUP");
    const renewed = fingerprintOf(secondTestCertificate.cert);
    let inARow = 0;
    // Of every worker: which one takes a connection is the system's choice.
    await eventually(async () => {
      inARow = (await ask(node.port)) === renewed ? inARow + 1 : 0;
      return inARow >= 20 * workers || undefined;
    }, "new connections are shown the renewed certificate");
    await eventually(
      async () =>
        (existsSync(path("access.log")) && readFileSync(path("access.log")).length > 0) || undefined,
      "lines come into a new file",
    );
  },
);

it.runIf(engines.includes("uws"))(
  "a node with the front uws says that it cannot, and serves on",
  async () => {
    await using node = await SmallNode.start(resourcesOf({}), {
      env: { ...tlsOf("LATCHKEY_INGRESS"), LATCHKEY_INGRESS_ENGINE: "uws" },
    });
    renewCertificate();
    node.process.kill("SIGHUP");
    await node.process.waitFor(
      (_, log) => log.includes("cannot reload its certificate; restart the node") || undefined,
    );
    expect(await shownAt(node.port)).toBe(fingerprintOf(firstTestCertificate.cert));
  },
);

it("a control plane shows the renewed certificate on both ports", async () => {
  await using process = startProcess({
    args: [latchkeyCommand, "control-plane"],
    env: {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: path("data"),
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: "an-admin-token-of-this-test-0123456789",
      LATCHKEY_PRINT_URLS: "true",
      ...tlsOf("LATCHKEY_CONTROL_PLANE_HTTP"),
      ...tlsOf("LATCHKEY_CONTROL_PLANE_GRPC"),
    },
  });
  const { graphql, grpc } = await process.waitForJson<{ graphql: string; grpc: string }>();
  const reads = (count: number) =>
    process.waitFor((_, log) => log.split("the TLS certificate was read again").length > count || undefined);
  process.kill("SIGHUP"); // without a change: only the signal makes it read
  await reads(2);
  renewCertificate();
  process.kill("SIGHUP");
  await reads(4);
  for (const port of [new URL(graphql).port, grpc.split(":").at(-1)])
    expect(await shownAt(Number(port))).toBe(fingerprintOf(secondTestCertificate.cert));
});

function shownAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, rejectUnauthorized: false, ALPNProtocols: ["h2", "http/1.1"] }, () => {
      resolve(fingerprintOf(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
