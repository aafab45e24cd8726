/**
 * WebSockets on real parts: `ws` → a node with TLS and workers → nginx with TLS → `ws`. The key is revoked by a mutation whose
 * receipt says when it counts, and the node is stopped by a signal.
 */
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { firstTestCertificate as certificate, eventually } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { RunningTarget } from "../conformance/support/target.js";
import { startPeer, versionText } from "../conformance/targets/peer-process.js";
import { engines } from "../support/engines.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { type IngressHandle, Stack } from "../support/stack.js";

const NGINX = "/usr/sbin/nginx";
/** More than there are workers, so that each serves some. */
const CLIENTS = 12;

function configText(folder: string, port: number, otherPort: number, targetPort: number): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    location / {
      proxy_pass http://127.0.0.1:${targetPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
    }
  }
  server { listen 127.0.0.1:${otherPort}; }
}
`;
}

/** The code and the reason of its end. */
const closing = (socket: WebSocket): Promise<string> =>
  new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => resolve(`${code} ${reason}`));
  });

describe.skipIf(!existsSync(NGINX))("WebSockets", () => {
  let stack: Stack;
  let target: WebSocketServer;
  let nginx: RunningTarget;
  let subscriptionId: string;
  let integrationId: string;
  const closedAtTarget: number[] = [];

  beforeAll(async () => {
    target = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(target, "listening");
    target.on("connection", (socket) => {
      socket.on("message", (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("close", (code) => closedAtTarget.push(code));
      socket.on("error", () => undefined);
    });
    nginx = await startPeer({
      command: NGINX,
      files: (folder, port, otherPort) =>
        new Map([
          ["nginx.conf", configText(folder, port, otherPort, (target.address() as AddressInfo).port)],
          ["server.pem", certificate.cert],
          ["server.key", certificate.key],
        ]),
      args: (folder) => ["-c", `${folder}/nginx.conf`, "-p", folder],
      version: () => versionText(NGINX, "-v"),
    });
    stack = await Stack.start({ nodes: 0 });
    subscriptionId = await makeSubscription(stack);
    integrationId = await makeIntegration(
      stack,
      subscriptionId,
      "live",
      `https://127.0.0.1:${nginx.port}/live`,
      { webSockets: true },
    );
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await nginx?.stop();
    for (const socket of target?.clients ?? []) socket.terminate();
    target?.close();
  });

  async function node(name: string, env: Readonly<Record<string, string>> = {}): Promise<IngressHandle> {
    const caFile = join(stack.dir, "ca.pem");
    writeFileSync(caFile, certificate.cert);
    return stack.addIngress(name, { LATCHKEY_INGRESS_UPSTREAMS_CA_FILE: caFile, ...env });
  }

  async function api(): Promise<MadeApi> {
    const made = await makeApi(stack, subscriptionId, "Live", [
      { method: "GET", path: "/live", integrationId },
    ]);
    await enforced(stack, made.revision);
    return made;
  }

  const open = (url: string, { secret }: MadeApi): WebSocket =>
    new WebSocket(`${url.replace(/^http/, "ws")}/live?a=1`, {
      headers: { "Connxio-Api-Key": secret },
      ca: certificate.cert,
    });

  it.each(engines)("are opened or refused by name over the %s engine", async (engine) => {
    const ingress = await node(`engine-${engine}`, { LATCHKEY_INGRESS_ENGINE: engine });
    const client = open(ingress.url, await api());
    if (engine !== "uws") {
      await once(client, "open");
      client.close();
      expect(await closing(client)).toBe("1005 ");
      return;
    }
    expect(ingress.process.stderr).toMatch(/"engine":"uWebSockets[^"]*, without WebSockets"/);
    client.on("error", () => undefined);
    const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers["latchkey-error"]]).toEqual([
      501,
      "gateway.upgrade_unsupported",
    ]);
    expect(response.headers["content-type"]).toBe("application/problem+json");
  });

  it("go through TLS on both sides and workers, end with their key, and with their node", async () => {
    const certFile = join(stack.dir, "node.pem");
    const keyFile = join(stack.dir, "node.key");
    writeFileSync(certFile, certificate.cert);
    writeFileSync(keyFile, certificate.key);
    const ingress = await node("tls", {
      LATCHKEY_INGRESS_TLS_CERT_FILE: certFile,
      LATCHKEY_INGRESS_TLS_KEY_FILE: keyFile,
      LATCHKEY_INGRESS_WORKERS: "2",
    });
    expect(ingress.url).toMatch(/^https:/);
    const [first, second] = [await api(), await api()];
    const openAll = async (made: MadeApi): Promise<WebSocket[]> => {
      const sockets = Array.from({ length: CLIENTS }, () => open(ingress.url, made));
      await Promise.all(sockets.map((socket) => once(socket, "open")));
      return sockets;
    };
    const [ofFirst, ofSecond] = [await openAll(first), await openAll(second)];
    const echo = async (socket: WebSocket, size: number): Promise<number> => {
      const received = once(socket, "message");
      socket.send(Buffer.alloc(size, 7));
      return ((await received) as [Buffer])[0].length;
    };
    for (const size of [0, 126, 1_000_000])
      expect(await Promise.all([...ofFirst, ...ofSecond].map((socket) => echo(socket, size)))).toEqual(
        Array.from({ length: 2 * CLIENTS }, () => size),
      );

    const revoked = Promise.all(ofFirst.map(closing));
    const { receipt } = await mutate<{ receipt: { complete: boolean } }>(
      stack,
      "updateApiKey",
      { id: first.keyId, active: false },
      "receipt(nodes: ALL, timeoutMs: 30000) { complete }",
    );
    expect(receipt.complete).toBe(true);
    expect(new Set(await revoked)).toEqual(new Set(["1008 key.disabled"]));
    expect(await Promise.all(ofSecond.map((socket) => echo(socket, 5)))).toEqual(ofSecond.map(() => 5));
    await eventually(
      async () => (closedAtTarget.filter((code) => code === 1008).length === CLIENTS ? true : undefined),
      "the target gets the Close frames",
    );

    const drained = Promise.all(ofSecond.map(closing));
    await ingress.process.stop("SIGTERM");
    expect(new Set(await drained)).toEqual(new Set(["1001 gateway.draining"]));
  });
});
