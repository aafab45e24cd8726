/**
 * Health, readiness, metrics and the node's state, on a port of its own that belongs on loopback or a private
 * network. Shows ids and patterns, never a key or a digest of one.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { boundConnections, HostNames } from "@latchkey/observe";

export interface AdminSources {
  /** Names of the server beside addresses and `localhost`. */
  readonly hosts: readonly string[];
  /** Null: ready; else why not. */
  readonly notReady: () => string | null;
  readonly metrics: () => Promise<string>;
  readonly metricsContentType: string;
  readonly status: () => unknown;
  /** The routes of an API, null when it is not known here. */
  readonly tree: (apiId: string) => unknown;
}

export class AdminServer {
  readonly #sources: AdminSources;
  readonly #hosts: HostNames;
  readonly #server: Server;

  constructor(sources: AdminSources) {
    this.#sources = sources;
    this.#hosts = new HostNames(sources.hosts);
    this.#server = createServer((req, res) => {
      this.#handle(req, res).catch((cause: unknown) => {
        if (!res.headersSent) res.writeHead(500);
        res.end(cause instanceof Error ? cause.name : "error");
      });
    });
    boundConnections(this.#server);
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", () => undefined); // an accept that failed: the next one may work
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    req.resume();
    const [path = "/", query = ""] = (req.url ?? "/").split("?", 2);
    if (req.method !== "GET" && req.method !== "HEAD") {
      res.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    // Probes of load balancers come under any name, and what they see is no secret.
    if (path !== "/healthz" && path !== "/readyz" && !this.#hosts.accepts(req.headers.host))
      return text(res, 421, "This name is not one of the admin server's: add it to admin.hosts.\n");
    switch (path) {
      case "/healthz":
        return text(res, 200, "ok\n");
      case "/readyz": {
        const reason = this.#sources.notReady();
        return text(res, reason === null ? 200 : 503, `${reason ?? "ready"}\n`);
      }
      case "/metrics": {
        const body = await this.#sources.metrics();
        res.writeHead(200, { "content-type": this.#sources.metricsContentType }).end(body);
        return;
      }
      case "/status":
        return json(res, 200, this.#sources.status());
      case "/tree": {
        const tree = this.#sources.tree(new URLSearchParams(query).get("api") ?? "");
        return tree === null
          ? text(res, 404, "no such API here; ask with ?api=<id>\n")
          : json(res, 200, tree);
      }
      default:
        return text(res, 404, "/healthz /readyz /metrics /status /tree?api=<id>\n");
    }
  }
}

function text(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
