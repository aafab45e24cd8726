// The proxy that people write with node:http in an hour: pipes both ways, drops the standard hop-by-hop headers.
// Runs in this process; its faults are its own, so nothing is tightened.
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { ordinaryTimeouts, type ShortTimeouts, type Target } from "../support/target.js";
import { passThrough } from "./nginx.js";

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "connxio-api-key",
  "host",
]);

export const nodeHttp: Target = {
  name: "node:http",
  can: new Set(["limits", "reads-timeouts"]),
  slowDeadlineMs: 20_000,
  async start(origins, timeouts) {
    const ports = new Map(origins.map((origin) => [origin.key, origin.port]));
    const agent = new Agent({ keepAlive: true });
    const long = await listen(ports, agent, ordinaryTimeouts);
    const short = await listen(ports, agent, timeouts);
    return {
      port: portOf(long),
      shortPort: portOf(short),
      version: `node:http ${process.versions.node}`,
      isAlive: () => true,
      async stop() {
        for (const server of [long, short]) {
          server.closeAllConnections();
          await new Promise<void>((resolve) => {
            server.close(() => resolve());
          });
        }
        agent.destroy();
      },
    };
  },
  rewrite: passThrough(
    new Map([
      ["connection", /^keep-alive$/],
      ["host", /^.*$/],
      ["content-length", /^\d+$/],
      ["transfer-encoding", /^chunked$/i],
    ]),
  ),
};

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function listen(
  ports: ReadonlyMap<string, number>,
  agent: Agent,
  timeouts: ShortTimeouts,
): Promise<Server> {
  const settings = {
    headersTimeout: timeouts.clientMs,
    requestTimeout: timeouts.clientMs,
    keepAliveTimeout: timeouts.clientMs,
    connectionsCheckingInterval: 100,
  };
  const server = createServer(settings, (req, res) => forward(ports, agent, timeouts.upstreamMs, req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function forward(
  ports: ReadonlyMap<string, number>,
  agent: Agent,
  timeoutMs: number,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const key = req.headers["connxio-api-key"];
  const port = typeof key === "string" ? ports.get(key) : undefined;
  if (port === undefined) {
    res.writeHead(401, { "content-length": 0 }).end();
    return;
  }
  const upstream = request({
    host: "127.0.0.1",
    port,
    agent,
    method: req.method ?? "GET",
    path: req.url ?? "/",
    headers: endToEnd(req.rawHeaders),
  });
  upstream.setTimeout(timeoutMs, () => upstream.destroy());
  upstream.on("response", (response) => {
    try {
      res.writeHead(response.statusCode ?? 502, endToEnd(response.rawHeaders));
    } catch {
      // node:http parses statuses and headers that it refuses to write; unguarded, that ends the process.
      res.writeHead(502, { "content-length": 0 }).end();
      upstream.destroy();
      return;
    }
    response.pipe(res);
    response.on("error", () => res.destroy());
  });
  upstream.on("error", () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502, { "content-length": 0 }).end();
  });
  req.pipe(upstream);
  req.on("error", () => upstream.destroy());
  res.on("close", () => {
    if (!res.writableFinished) upstream.destroy();
  });
}

function endToEnd(raw: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    if (hopByHop.has(name)) continue;
    const values = headers[name] ?? [];
    values.push(raw[i + 1] ?? "");
    headers[name] = values;
  }
  return headers;
}
