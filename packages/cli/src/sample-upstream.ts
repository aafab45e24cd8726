/** The sample integration of `latchkey dev`: responds with what it received, as JSON. Keeps nothing. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenOn } from "./listen.js";
import type { Service } from "./run-service.js";

/** A body longer than this is counted, not shown. */
const SHOWN_BODY_BYTES_MAX = 256 * 1024;

interface Echo {
  readonly integration: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly bodyBytes: number;
  /** The body as JSON when it is JSON, else as text. */
  readonly body: unknown;
}

/** @throws ListenError */
export async function startSampleUpstream(options: { host: string; port: number }): Promise<Service> {
  const server = createServer((req, res) => {
    response(req, res).catch(() => res.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await listenOn(server, "sample upstream", options);
  const { port } = server.address() as AddressInfo;
  return {
    urls: { upstream: `http://${options.host}:${port}` },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function response(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let bodyBytes = 0;
  const shown: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bodyBytes += chunk.length;
    if (bodyBytes <= SHOWN_BODY_BYTES_MAX) shown.push(chunk);
  }
  const url = new URL(req.url ?? "/", "http://upstream.invalid");
  const echo: Echo = {
    integration: url.pathname.split("/")[1] ?? "",
    method: req.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: req.headers,
    bodyBytes,
    body: bodyBytes > SHOWN_BODY_BYTES_MAX ? "(too long to show)" : readable(Buffer.concat(shown)),
  };
  const text = `${JSON.stringify(echo, null, 2)}\n`;
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.end(text);
}

function readable(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
