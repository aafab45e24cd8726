/**
 * The strict engine: our own HTTP/1.1 server, which refuses whatever RFC 9112 does not allow. Only an adapter:
 * each request goes to request/handle-request.ts.
 */
import { FAULTS, type FaultCode, Http1Server } from "@latchkey/http1";
import { readClientTls } from "../files.js";
import { ClientMemo } from "../request/client-memo.js";
import type { EngineRefusalCode } from "./engine-refusal-code.js";
import type { EngineOptions, EngineTls, HttpEngine } from "./front-request.js";

const CONNECTION_SENTENCES = {
  server_full: "The node has as many connections as it takes.",
  not_admitted: "Your address has as many connections as the node takes from one.",
} as const;

export class StrictEngine implements HttpEngine {
  readonly name = "strict";
  readonly description = "the strict engine of @latchkey/http1";
  readonly #server: Http1Server<ClientMemo>;

  constructor(options: EngineOptions) {
    const { limits, tls } = options;
    this.#server = new Http1Server({
      createMemo: () => new ClientMemo(),
      // Its request has our interface's shape, so nothing stands between.
      onRequest: options.onRequest,
      refusal: (fault, address) => {
        const refusal = options.refusal(refusalCodeOf(fault), sentenceOf(fault));
        options.onRefused(refusal, address);
        return refusal;
      },
      connectionsMax: limits.connectionsMax,
      admission: options.addressCap,
      connectionRefusal: (reason, address) => {
        options.onConnectionRefused(reason === "server_full" ? "server_full" : "address_full", address);
        return options.refusal("gateway.overloaded", CONNECTION_SENTENCES[reason]);
      },
      onHandshake: options.onHandshake,
      onIdleClosed: () => options.onConnectionRefused("idle_closed"),
      headBytesMax: limits.headerBytesMax,
      fieldsMax: limits.headersMax,
      targetBytesMax: limits.uriBytesMax,
      headTimeoutMs: limits.headerTimeoutMs,
      bodyIdleTimeoutMs: limits.bodyIdleTimeoutMs,
      bodyBytesPerSecondMin: limits.bodyBytesPerSecondMin,
      bodyTimeoutMs: limits.bodyTimeoutMs,
      writeTimeoutMs: limits.writeTimeoutMs,
      idleTimeoutMs: limits.keepAliveTimeoutMs,
      ...(tls === null ? {} : { tls: readClientTls(tls) }),
    });
  }

  listen(host: string, port: number): Promise<number> {
    return this.#server.listen(host, port);
  }

  connections(): number {
    return this.#server.connections();
  }

  drain(): Promise<void> {
    return this.#server.close();
  }

  destroy(): void {
    this.#server.destroy();
  }

  reloadTls(tls: EngineTls): void {
    this.#server.reloadTls(readClientTls(tls));
  }

  setTicketKeys(keys: Buffer): void {
    this.#server.setTicketKeys(keys);
  }
}

/** The catalogue's code for a fault: by its status, and by its place where a status has several. */
function refusalCodeOf(fault: FaultCode): EngineRefusalCode {
  switch (FAULTS[fault].status) {
    case 408:
      return "request.timeout";
    case 413:
      return "request.body_too_large";
    case 414:
      return "request.uri_too_long";
    case 417:
      return "request.expectation_failed";
    case 431:
      return "request.headers_too_large";
    case 500:
    case 502:
      return "gateway.internal";
    case 501:
      return fault === "transfer_encoding_unsupported"
        ? "request.transfer_coding_unsupported"
        : "request.malformed";
    default:
      if (fault === "path_unencoded") return "request.path_invalid";
      return isFraming(fault) ? "request.framing_invalid" : "request.malformed";
  }
}

function isFraming(fault: FaultCode): boolean {
  return (
    fault === "framing_conflict" ||
    fault.startsWith("content_length_") ||
    fault.startsWith("transfer_encoding_") ||
    fault.startsWith("chunk_") ||
    fault.startsWith("trailer_")
  );
}

/** A public sentence of a fault. */
function sentenceOf(fault: FaultCode): string {
  const { text, clause } = FAULTS[fault];
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} (${clause}).`;
}
