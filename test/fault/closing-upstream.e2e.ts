/** Integrations that close a connection right after its response, without announcing it (uWSGI, PHP-FPM). */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually, freePort, startProcess } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const CLIENTS = 16;
const NGINX = "/usr/sbin/nginx";

/** Responds to each POST, and closes at once. Counts requests by their id. */
async function closingOrigin(seen: Map<string, number>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let received = "";
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (!received.endsWith("hello")) return;
      const [, id = ""] = /\r\nx-id: (\S+)/i.exec(received) ?? [];
      seen.set(id, (seen.get(id) ?? 0) + 1);
      received = "";
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** @returns what the POSTs that did not get the origin's response got instead */
async function lostOf(url: string, count: number, name: string): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let sent = 0;
  const lost: string[] = [];
  const client = async (): Promise<void> => {
    for (let id = sent++; id < count; id = sent++) {
      const shot = { url, key, method: "POST", body: "hello", headers: { "X-Id": `${name}-${id}` } };
      const { status, error } = await shoot(shot, agent).catch((cause: Error) => ({
        status: 0,
        error: cause.message,
      }));
      if (status !== 200) lost.push(`${status} ${error ?? ""} (${id})`);
      await sleep(Math.random() * 4); // so that requests meet connections of every age
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return lost;
}

/** Calls back with the URL of an nginx in front of the origin; null where there is no nginx. */
async function throughNginx(
  origin: number,
  use: (url: string) => Promise<string[]>,
): Promise<string[] | null> {
  if (spawnSync(NGINX, ["-v"]).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "latchkey-nginx-"));
  const port = await freePort();
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log /dev/null; events { worker_connections 1024; }
    http { access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
    uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
    upstream origin { server 127.0.0.1:${origin} max_fails=0; keepalive 64; }
    server { listen 127.0.0.1:${port}; location / {
    proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  );
  try {
    await using nginx = startProcess({ command: NGINX, args: ["-c", `${folder}/nginx.conf`, "-p", folder] });
    const url = `http://127.0.0.1:${port}/`;
    await eventually(
      () => shoot({ url, method: "POST", body: "hello" }).catch(() => undefined),
      "nginx serves",
    );
    void nginx;
    return await use(url);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

fault(
  {
    row: "54",
    fault: "an integration closes each connection right after its response without announcing it",
    holds: "POSTs go out on connections that are open, and each arrives at most once",
    target: "lost POSTs at most those of nginx in the same run; none sent twice",
  },
  async () => {
    const seen = new Map<string, number>();
    const origin = await closingOrigin(seen);
    const { port } = origin.address() as AddressInfo;
    await using node = await SmallNode.start(resourcesOf({ closing: `http://127.0.0.1:${port}/` }));
    const count = rounds(2_000, 6_000);
    const lost = await lostOf(`${node.url}/closing`, count, "latchkey");
    const lostByNginx = await throughNginx(port, (url) => lostOf(url, count, "nginx"));
    origin.close();
    expect(Math.max(...seen.values())).toBe(1);
    // One in a thousand for an origin that the machine stops between its response and its FIN: that hits one run, not both.
    const lostMax = (lostByNginx?.length ?? 0) + count / 1_000;
    expect(lost.length, lost.join(", ")).toBeLessThanOrEqual(lostMax);
    const beside =
      lostByNginx === null ? "no nginx here to compare with" : `nginx lost ${lostByNginx.length}`;
    return `${count} POSTs, ${lost.length} lost, none sent twice; ${beside}`;
  },
);
