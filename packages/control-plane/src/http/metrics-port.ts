/** The metrics on a port of their own, without a token: it belongs on loopback or a private network. Serves nothing else. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ListenError } from "@latchkey/config";
import { boundConnections, HostNames, type Registry } from "@latchkey/observe";

const HEADERS_MS_MAX = 5_000;

export interface MetricsPortOptions {
  readonly host: string;
  readonly port: number;
  /** Names that it responds to, beside addresses and localhost. */
  readonly hosts: readonly string[];
  readonly registry: Registry;
}

export interface MetricsPort extends AsyncDisposable {
  readonly port: number;
}

/** @throws ListenError */
export async function openMetricsPort({
  host,
  port,
  hosts,
  registry,
}: MetricsPortOptions): Promise<MetricsPort> {
  const names = new HostNames([host, ...hosts]);
  const server = createServer({ headersTimeout: HEADERS_MS_MAX }, (req, res) => {
    respond(req, res, names, registry).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  boundConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // an accept that failed: the next one may work
      resolve();
    });
  }).catch((cause: unknown) => {
    throw new ListenError("metrics", host, port, "LATCHKEY_CONTROL_PLANE_METRICS_PORT", cause);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  req: IncomingMessage,
  res: ServerResponse,
  names: HostNames,
  registry: Registry,
): Promise<void> {
  req.resume();
  const end = (status: number, text: string): void =>
    void res.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
  if (req.method !== "GET" && req.method !== "HEAD") return end(405, "GET, HEAD\n");
  if (!names.accepts(req.headers.host))
    return end(421, "This name is not one of the metrics port's: add it to metrics.hosts.\n");
  if ((req.url ?? "/").split("?")[0] !== "/metrics") return end(404, "/metrics\n");
  const text = await registry.metrics();
  res.writeHead(200, { "content-type": registry.contentType }).end(text);
}
