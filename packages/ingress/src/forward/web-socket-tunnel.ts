/**
 * What follows a 101 of an integration: the bytes of a WebSocket both ways as they are, with backpressure. Follows the frames of both
 * directions only to put a Close frame between two of them (RFC 6455, section 5.5.1).
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import type { OutgoingRequest, ResponseHeaders } from "@latchkey/http1";
import { INTERCHANGE_ID } from "../request/interchange-id.js";
import type { RequestContext } from "../request/request-context.js";
import { closeFrame, FrameBoundary } from "./frame-boundary.js";
import { headerValue } from "./header-value.js";
import type { Integration } from "./integration.js";
import type { ProxiedResponseOwner } from "./proxied-response.js";
import type { ProxyServices } from "./proxy-services.js";
import { responseHeaders } from "./response-headers.js";
import { GOING_AWAY, type OpenWebSocket } from "./web-sockets.js";

export const SWITCHED_STATUS = 101;
const PROTOCOL = "websocket";
/** How long a target may take for what was sent to it before the client was gone. */
const PART_MS = 1_000;
/** How long the end of a frame is waited for, and then a client that reads; then the connection is cut. */
const CLOSE_MS = 500;
/** RFC 6455, section 7.4.1, and the registry that it opens. */
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export interface TunnelOwner extends ProxiedResponseOwner {
  /** The target is left, and what was sent to it stays on its way. Null: it was left before. */
  partFromTarget(): OutgoingRequest | null;
  /** Cuts both ends. */
  giveUp(): void;
}

export class WebSocketTunnel implements OpenWebSocket {
  /** Towards the client. */
  bytes = 0;
  /** From the client. */
  requestBytes = 0;
  readonly status = SWITCHED_STATUS;
  /** When protocols were switched: what follows is no time of a response. */
  readonly startedAtMs = performance.now();
  place = -1;

  readonly #owner: TunnelOwner;
  readonly #services: ProxyServices;
  readonly #context: RequestContext;
  readonly #silenceMs: number;
  readonly #upstream: OutgoingRequest;
  readonly #toClient = new FrameBoundary();
  readonly #toTarget = new FrameBoundary();
  #lastByteMs = this.startedAtMs;
  /** The Close frame that waits for a boundary. */
  #closing: { readonly code: number; readonly reason: string; readonly sinceMs: number } | null = null;

  constructor(
    owner: TunnelOwner,
    services: ProxyServices,
    context: RequestContext,
    integration: Integration,
    upstream: OutgoingRequest,
  ) {
    this.#owner = owner;
    this.#services = services;
    this.#context = context;
    this.#silenceMs = integration.settings.silenceMs;
    this.#upstream = upstream;
  }

  /** Whether a 101 switches to what was asked for. @param received flat */
  static isSwitched(received: readonly string[]): boolean {
    return headerValue(received, "upgrade")?.toLowerCase() === PROTOCOL;
  }

  start(headers: ResponseHeaders, integration: Integration): void {
    const { request, interchangeId } = this.#context;
    request.setOwnLine(INTERCHANGE_ID, interchangeId);
    request.switchProtocols(
      PROTOCOL,
      responseHeaders(headers, this.#context, integration, this.#services.limits),
    );
    this.#services.webSockets.add(this);
  }

  /** From the target. @returns false to wait for the client */
  data(chunk: Uint8Array): boolean {
    const boundary = this.#toClient.follow(chunk);
    this.#lastByteMs = performance.now();
    if (this.#closing !== null && boundary >= 0) {
      this.#send(chunk.subarray(0, boundary));
      this.#part(this.#closing.code, this.#closing.reason);
      return true;
    }
    return this.#send(chunk);
  }

  /** The target has ended. */
  end(): void {
    this.#owner.leaveTarget(true);
    this.#context.request.end();
    this.#owner.finish(SWITCHED_STATUS);
  }

  /** It is over. */
  drop(): void {
    this.#services.webSockets.delete(this);
  }

  /** @returns false to wait for the target */
  fromClient(chunk: Uint8Array): boolean {
    this.requestBytes += chunk.length;
    this.#lastByteMs = performance.now();
    this.#toTarget.follow(chunk);
    return this.#upstream.write(chunk);
  }

  /** The client sends nothing more. */
  clientEnded(): void {
    this.#leave();
  }

  look(nowMs: number): void {
    if (this.#closing !== null) {
      if (nowMs - this.#closing.sinceMs > CLOSE_MS) this.#owner.giveUp();
      return;
    }
    const lapse = this.#services.lapseOf(this.#context, nowMs);
    if (lapse === "gateway.stale") this.close(TRY_AGAIN_LATER, lapse);
    else if (lapse !== null) this.close(POLICY_VIOLATION, lapse);
    else if (nowMs - this.#lastByteMs > this.#silenceMs) this.close(GOING_AWAY, "silent for too long");
  }

  /** Sends a Close frame to both ends, to the client at the end of the frame that it is being sent. */
  close(code: number, reason: string): void {
    if (this.#closing !== null) return;
    this.#closing = { code, reason, sinceMs: performance.now() };
    if (this.#toClient.isHere) this.#part(code, reason);
  }

  #send(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    return this.#context.request.write(chunk);
  }

  #part(code: number, reason: string): void {
    this.#send(closeFrame(code, reason, false));
    if (this.#toTarget.isHere) this.#upstream.write(closeFrame(code, reason, true));
    this.#leave();
    // Where the client reads nothing, its connection would wait for it.
    const { request } = this.#context;
    setTimeout(() => request.abort(), CLOSE_MS).unref();
  }

  #leave(): void {
    const upstream = this.#owner.partFromTarget();
    if (upstream !== null) setTimeout(() => upstream.abort(), PART_MS).unref();
    this.#context.request.end();
    this.#owner.finish(SWITCHED_STATUS);
  }
}
