/** OTLP over HTTP: one kept connection, no redirects. */
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { rejectedItems } from "./otlp-response.js";
import type { OtlpTarget } from "./otlp-target.js";
import { type OtlpTransport, SEND_MS_MAX, type SendResult } from "./otlp-transport.js";

const RESPONSE_BYTES_MAX = 64 * 1024;
/** The collector may take the same later (OTLP specification, "Retryable Response Codes"). */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export class HttpTransport implements OtlpTransport {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;

  constructor({ url, headers }: OtlpTarget, lookup: LookupFunction) {
    this.#url = url;
    this.#headers = { ...lowerCase(headers), "content-type": "application/x-protobuf" };
    const options = { keepAlive: true, maxSockets: 1, lookup };
    this.#agent = this.#isTls ? new TlsAgent(options) : new Agent(options);
  }

  get #isTls(): boolean {
    return this.#url.protocol === "https:";
  }

  send(body: Buffer): Promise<SendResult> {
    return new Promise((resolve) => {
      const request = (this.#isTls ? requestHttps : requestHttp)(this.#url, {
        method: "POST",
        agent: this.#agent,
        headers: { ...this.#headers, "content-length": String(body.length) },
      });
      const late = setTimeout(() => request.destroy(new Error("no response in time")), SEND_MS_MAX);
      const settle = (result: SendResult): void => {
        clearTimeout(late);
        resolve(result);
      };
      request.on("error", (error) => settle({ kind: "away", reason: reasonOf(error) }));
      request.on("close", () => settle({ kind: "away", reason: "the connection was closed" }));
      request.on("response", (response) => readResponse(request, response, settle));
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function readResponse(
  request: ClientRequest,
  response: IncomingMessage,
  settle: (result: SendResult) => void,
): void {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > RESPONSE_BYTES_MAX) request.destroy(new Error("the response is too large"));
    else chunks.push(chunk);
  });
  response.on("error", (error) => settle({ kind: "away", reason: reasonOf(error) }));
  response.on("end", () => {
    if (status >= 200 && status < 300)
      settle({ kind: "taken", rejected: rejectedItems(Buffer.concat(chunks)) });
    else settle({ kind: AWAY.has(status) ? "away" : "refused", reason: `status ${status}` });
  });
}

/** Messages of the system may quote the URL. */
function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
