/**
 * The response of a proxied request on its way to the client: its head with what the gateway adds, its body with
 * backpressure, and the check that its route may ask for. One for each response that begins.
 */
import { STATUS_CODES } from "node:http";
import type { IngressErrorCode } from "@latchkey/core";
import { isBodiless } from "@latchkey/http1";
import { INTERCHANGE_ID } from "../request/interchange-id.js";
import type { RequestContext } from "../request/request-context.js";
import type { GatewayTime } from "./gateway-time.js";
import type { EndToEndHead } from "./headers.js";
import type { Integration } from "./integration.js";
import type { ProxyServices } from "./proxy-services.js";
import type { ResponseOutcome } from "./response-check.js";
import { responseHeaders } from "./response-headers.js";
import { type ReceivedHead, ValidatedResponse, type ValidatedResponseOwner } from "./validated-response.js";

/** A response body that nobody gets (to HEAD) is read up to this for the sake of the connection. */
const UNWANTED_BYTES_MAX = 65_536;

/** The five classes end here (RFC 9110 §15); http1 refuses more by itself, other clients do not. */
const STATUS_MAX = 599;

export interface ProxiedResponseOwner {
  readonly isOver: boolean;
  readonly gatewayTime: GatewayTime;
  /** The upstream request is over. @param isSuccess null: says nothing of the target */
  leaveTarget(isSuccess: boolean | null): void;
  /** The gateway responds instead. */
  fail(code: IngressErrorCode): void;
  /** The head is out, so the only way to tell the client is to break the connection. */
  truncate(code: IngressErrorCode): void;
  /** The response is complete. */
  finish(status: number): void;
}

export class ProxiedResponse implements ValidatedResponseOwner {
  /** Of the body, received so far. */
  bytes = 0;
  /** Of the head that was written; 0: none was. */
  status = 0;

  readonly #owner: ProxiedResponseOwner;
  readonly #services: ProxyServices;
  readonly #context: RequestContext;
  readonly #integration: Integration;
  #dropsBody = false;
  /** Null: it is not checked. */
  #validated: ValidatedResponse | null = null;

  constructor(
    owner: ProxiedResponseOwner,
    services: ProxyServices,
    context: RequestContext,
    integration: Integration,
  ) {
    this.#owner = owner;
    this.#services = services;
    this.#context = context;
    this.#integration = integration;
  }

  get isOver(): boolean {
    return this.#owner.isOver;
  }

  start(status: number, statusText: string, head: EndToEndHead, contentLength: number): void {
    const { responseBodyBytesMax } = this.#integration.settings;
    if (responseBodyBytesMax > 0 && contentLength > responseBodyBytesMax) {
      this.#refuse("upstream.response_too_large");
      return;
    }
    if (status > STATUS_MAX) {
      this.#owner.leaveTarget(false);
      this.#owner.fail("upstream.protocol_error");
      return;
    }
    if (this.#context.route?.responseValidation !== "off")
      if (!this.#validateHead({ status, statusText, head }, contentLength)) return;
    this.#writeHead(status, statusText, head, contentLength);
  }

  /** @returns false to wait for the client */
  data(chunk: Uint8Array): boolean {
    if (this.#dropsBody) return true;
    this.bytes += chunk.length;
    const { responseBodyBytesMax } = this.#integration.settings;
    if (responseBodyBytesMax > 0 && this.bytes > responseBodyBytesMax) {
      if (this.status === 0) this.#refuse("upstream.response_too_large");
      else {
        this.#owner.leaveTarget(true);
        this.#owner.truncate("upstream.response_too_large");
      }
      return true;
    }
    if (this.#validated !== null && !this.#validateData(this.#validated, chunk)) return true;
    this.#context.recorder?.responseData(chunk);
    return this.#context.request.write(chunk);
  }

  end(): void {
    const validated = this.#validated;
    if (validated !== null) {
      if (validated.isWaiting) {
        this.#owner.leaveTarget(!isGatewayFailure(validated.status));
        this.#owner.gatewayTime.goesOn();
      }
      if (!validated.end()) return;
    }
    this.#end();
  }

  /** The request is over, or this response is given up for another attempt's. */
  drop(): void {
    this.#validated?.drop();
    this.#validated = null;
  }

  onOutcome(status: number, outcome: ResponseOutcome | null): void {
    this.#services.responseValidation.report(this.#context, status, outcome);
  }

  onValid({ status, statusText, head }: ReceivedHead, body: readonly Uint8Array[], bodyBytes: number): void {
    this.#writeHead(status, statusText, head, bodyBytes);
    if (this.isOver) return;
    const { request, recorder } = this.#context;
    for (const piece of body) {
      recorder?.responseData(piece);
      request.write(piece);
    }
    this.#end();
  }

  onInvalid(code: IngressErrorCode): void {
    this.#owner.fail(code);
  }

  #writeHead(status: number, statusText: string, head: EndToEndHead, contentLength: number): void {
    this.status = status;
    const { request, interchangeId } = this.#context;
    request.setOwnLine(INTERCHANGE_ID, interchangeId);
    const headers = responseHeaders(head.headers, this.#context, this.#integration, this.#services.limits);
    this.#context.recorder?.responseHead(headers.list);
    const text = isPlainText(statusText) ? statusText : (STATUS_CODES[status] ?? "");
    if (isBodiless(request.head.method, status)) {
      request.writeHead(status, text, headers, status === 204 ? -1 : head.statedLength);
      this.#dropsBody = true;
      if (contentLength < 0 || contentLength > UNWANTED_BYTES_MAX) this.#end();
      return;
    }
    request.writeHead(status, text, headers, contentLength);
  }

  /** False: it is refused, or waits for its check. */
  #validateHead(received: ReceivedHead, contentLength: number): boolean {
    const { status, head } = received;
    const context = this.#context;
    const hasBody = contentLength !== 0 && !isBodiless(context.request.head.method, status);
    const check = this.#services.responseValidation.open(context, status, head.headers.list, hasBody);
    const waits = context.route?.responseValidation === "refuse";
    this.#validated = new ValidatedResponse(this, received, check, waits);
    const verdict = this.#validated.start(check);
    if (verdict.kind === "refuse") this.#refuse(verdict.code);
    return verdict.kind === "pass";
  }

  /** True: the piece goes on to the client now. */
  #validateData(validated: ValidatedResponse, chunk: Uint8Array): boolean {
    const verdict = validated.data(chunk);
    if (verdict.kind === "refuse") this.#refuse(verdict.code);
    return verdict.kind === "pass";
  }

  /** The target did its part, but its response does not go on. */
  #refuse(code: IngressErrorCode): void {
    this.#owner.leaveTarget(true);
    this.#owner.fail(code);
  }

  #end(): void {
    this.#owner.leaveTarget(!isGatewayFailure(this.status));
    this.#context.request.end();
    this.#owner.finish(this.status);
  }
}

/** What a gateway in front of a dead service says: the service is failing, though something responded. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
