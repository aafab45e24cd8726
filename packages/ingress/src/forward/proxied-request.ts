/**
 * HOT. One request on its way: the listener of the client's request and the handler of the upstream's, in one
 * object, so that no closure is made. Streams both ways; the client's abort cancels the upstream, an upstream that
 * breaks before its answer is a problem+json, and one that breaks within it is a truncated connection.
 */
import { STATUS_CODES } from "node:http";
import type { IngressErrorCode } from "@latchkey/core";
import {
  Fields,
  isBodiless,
  type OutgoingRequest,
  type Placed,
  type UpstreamError,
  type UpstreamHandler,
  type UpstreamRequest,
} from "@latchkey/http1";
import type { EngineRefusal, FrontRequest, RequestListener } from "../http/front-request.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";
import { classifyError } from "./classify-error.js";
import { type CrossingFields, crossingOf } from "./headers.js";
import type { Integration } from "./integration.js";
import type { PathTemplate } from "./path-template.js";
import type { ResponseCheck, ResponseOutcome } from "./response-check.js";
import type { Target, TargetUrl } from "./target.js";

/** A body up to this is kept for a second attempt, where there may be one. */
const REPLAY_BYTES_MAX = 65_536;
/** An answer body that nobody gets (to HEAD) is read up to this for the sake of the connection. */
const UNWANTED_BYTES_MAX = 65_536;

/** The status that usage and metrics show for a request whose client went away without a response. Never on the wire. */
export const CLIENT_CLOSED_STATUS = 499;

/** The five classes end here (RFC 9110 §15); http1 refuses more by itself, undici does not. */
const STATUS_MAX = 599;

/** What the forwarder needs of who starts it. */
export interface ProxiedRequestOwner {
  /** Bytes of a body that are read before a connection to the integration is taken. */
  readonly bodyBufferBytesMax: number;
  /** Room for so many more bytes of its body, counted in `bufferedBytes`; false: there is none. */
  takeRoom(proxied: ProxiedRequest, bytes: number): boolean;
  giveBackRoom(proxied: ProxiedRequest): void;
  /** Answers with a problem. */
  reject(proxied: ProxiedRequest, code: IngressErrorCode, close: boolean): void;
  /** The lines of the integration's answer, with those that the gateway adds. */
  answerFields(proxied: ProxiedRequest, fields: Fields): Fields;
  /** The check of a response whose route asks for it. */
  responseCheck(proxied: ProxiedRequest, status: number, fields: Fields, hasBody: boolean): ResponseCheck;
  /** Counts and logs how a response fits. @param outcome null: it was not checked */
  responseChecked(proxied: ProxiedRequest, status: number, outcome: ResponseOutcome | null): void;
  /** It is over: once for each `start`. */
  finished(proxied: ProxiedRequest, status: number): void;
}

/** Read by `dispatch` only: one for all requests. */
interface MutableRequest extends UpstreamRequest {
  method: string;
  path: string;
  headers: readonly string[];
  sharedHeaders: readonly Fields[];
  fields: Fields;
  contentLength: number;
  group: string;
  member: string;
}

const scratch: MutableRequest = {
  method: "POST",
  path: "/",
  headers: [],
  sharedHeaders: [],
  fields: new Fields([]),
  contentLength: 0,
  group: "",
  member: "",
};

/** The head of a response that waits for its check. */
interface WaitingHead {
  readonly status: number;
  readonly statusText: string;
  readonly crossing: CrossingFields;
  readonly isHeadLater: boolean;
}

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export class ProxiedRequest implements RequestListener, UpstreamHandler, Placed {
  readonly request: FrontRequest;
  readonly key: KeyEntry;
  readonly route: CompiledRoute<Integration>;
  readonly integration: Integration;
  readonly interchangeId: string;
  /** Monotonic milliseconds. */
  readonly startedAtMs: number;
  requestBytes = 0;
  responseBytes = 0;
  /** Room that its body takes of what all may hold together. */
  bufferedBytes = 0;
  /** The code of the gateway's own answer. */
  errorCode: IngressErrorCode | null = null;
  /** Its engine refused it within its body, and counted that. */
  isRefusedByEngine = false;
  /** Among those in flight. */
  place = -1;

  readonly #owner: ProxiedRequestOwner;
  /** Of the upstream request. */
  readonly #method: string;
  /** What goes on of the client's lines. */
  readonly #passed: Fields;
  /** The gateway's own lines. */
  readonly #headers: string[];
  /** Headers about the client, where they are the same as last time; else in `#headers`. */
  readonly #peerFields: Fields | null;
  /** The remaining query, to be appended to the target's path. */
  readonly #query: string;

  #target: Target | null = null;
  #upstream: OutgoingRequest | null = null;
  #status = 0;
  #isOver = false;
  #isBodyComplete: boolean;
  #isClientPaused = false;
  #dropsAnswer = false;
  #attempts = 0;
  /** The beginning of the body is being read; no connection is taken before it is there. */
  #isBuffering = false;
  /** Pieces of the body that came before the first attempt, or are kept for a second one. */
  #pieces: Uint8Array[] | null = null;
  /** Another attempt can send the same body. */
  #isRepeatable: boolean;
  /** Of a response whose body is to be checked. */
  #check: ResponseCheck | null = null;
  /** The response is held back until it is checked; else it goes on meanwhile. */
  #waiting: WaitingHead | null = null;
  /** Of a response that is checked while it goes on. */
  #isHeadLater = false;

  constructor(
    owner: ProxiedRequestOwner,
    request: FrontRequest,
    key: KeyEntry,
    route: CompiledRoute<Integration>,
    integration: Integration,
    interchangeId: string,
    passed: Fields,
    headers: string[],
    peerFields: Fields | null,
    query: string,
    startedAtMs: number,
  ) {
    this.#owner = owner;
    this.#method = integration.methodFor(request.head.method);
    this.request = request;
    this.key = key;
    this.route = route;
    this.integration = integration;
    this.interchangeId = interchangeId;
    this.#passed = passed;
    this.#headers = headers;
    this.#peerFields = peerFields;
    this.#query = query;
    this.startedAtMs = startedAtMs;
    this.#isBodyComplete = request.head.bodyLength === 0;
    this.#isRepeatable = integration.mayRetry;
  }

  /** Counts it in flight, from here to its end. */
  admit(): void {
    this.key.inFlight.requests++;
    this.integration.inFlight.requests++;
    this.integration.subscription.requests++;
  }

  /** It was refused by its owner before it was started. */
  dismiss(): void {
    this.#close();
  }

  /**
   * Sends the first attempt once the body is there, or as much of it as is read first (ADR 0672).
   * @param isBodyRead the body comes next, from memory
   * @returns false when the request was answered at once
   */
  start(isBodyRead: boolean): boolean {
    this.integration.retryBudget.countRequest();
    if (this.#isBodyComplete || isBodyRead || this.#owner.bodyBufferBytesMax === 0) return this.#attempt();
    this.#isBuffering = true;
    return true;
  }

  // From the client.

  onBodyData(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.requestBytes += chunk.length;
    if (this.requestBytes > this.integration.settings.requestBodyBytesMax) {
      this.#cancelUpstream(null);
      this.#fail("request.body_too_large", true);
      return;
    }
    if (this.#isBuffering) {
      if (this.#mayBuffer(chunk.length)) {
        this.#keep(chunk);
        return;
      }
      this.#isBuffering = false;
      if (!this.#attempt()) return;
    }
    if (this.#isRepeatable) {
      if (this.requestBytes <= REPLAY_BYTES_MAX) this.#keep(chunk);
      else this.#isRepeatable = false;
    }
    if (!this.#isRepeatable) this.#pieces = null;
    if (this.#upstream?.write(chunk) === false) this.#pauseClient();
  }

  onBodyEnd(): void {
    if (this.#isOver) return;
    this.#isBodyComplete = true;
    if (!this.#isBuffering) {
      this.#upstream?.end();
      return;
    }
    this.#isBuffering = false;
    if (this.#attempt() && !this.#isRepeatable) this.#pieces = null;
  }

  onWritable(): void {
    if (!this.#isOver) this.#upstream?.resume();
  }

  onAborted(refusal: EngineRefusal | null): void {
    if (this.#isOver) return;
    this.#cancelUpstream(null);
    if (refusal === null) {
      this.#finish(CLIENT_CLOSED_STATUS);
      return;
    }
    this.errorCode = refusal.code;
    this.isRefusedByEngine = true;
    this.#finish(refusal.status);
  }

  // From the integration.

  onResponseStart(status: number, statusText: string, answer: Fields, contentLength: number): void {
    if (this.#isOver) return;
    this.#forgetBody();
    const { responseBodyBytesMax } = this.integration.settings;
    if (responseBodyBytesMax > 0 && contentLength > responseBodyBytesMax) {
      this.#cancelUpstream(true);
      this.#fail("upstream.answer_too_large", false);
      return;
    }
    if (status > STATUS_MAX) {
      this.#cancelUpstream(false);
      this.#fail("upstream.protocol_error", false);
      return;
    }
    const crossing = crossingOf(answer);
    if (
      this.route.responseValidation !== "off" &&
      !this.#checkHead(status, statusText, crossing, contentLength)
    )
      return;
    this.#writeHead(status, statusText, crossing, contentLength);
  }

  #writeHead(status: number, statusText: string, crossing: CrossingFields, contentLength: number): void {
    this.#status = status;
    const fields = this.#owner.answerFields(this, crossing.fields);
    const text = isPlainText(statusText) ? statusText : (STATUS_CODES[status] ?? "");
    if (isBodiless(this.request.head.method, status)) {
      this.request.writeHead(status, text, fields, status === 204 ? -1 : crossing.statedLength);
      this.#dropsAnswer = true;
      if (contentLength < 0 || contentLength > UNWANTED_BYTES_MAX) this.#endAnswer();
      return;
    }
    this.request.writeHead(status, text, fields, contentLength);
  }

  /** False: the response is refused, or waits for its check. */
  #checkHead(status: number, statusText: string, crossing: CrossingFields, contentLength: number): boolean {
    const hasBody = contentLength !== 0 && !isBodiless(this.request.head.method, status);
    const check = this.#owner.responseCheck(this, status, crossing.fields, hasBody);
    const verdict = check.headNow();
    const isRefused = this.route.responseValidation === "refuse";
    if (verdict === "unusable" || (verdict !== "later" && verdict.length > 0)) {
      this.#owner.responseChecked(this, status, verdict);
      if (isRefused) {
        this.#cancelUpstream(true);
        this.#fail(verdict === "unusable" ? "integration.unavailable" : "upstream.response_invalid", false);
      }
      return !isRefused;
    }
    const isHeadLater = verdict === "later";
    if (!check.needsBody && !isHeadLater) {
      this.#owner.responseChecked(this, status, verdict);
      return true;
    }
    this.#check = check;
    if (!isRefused) {
      this.#isHeadLater = isHeadLater;
      if (!check.needsBody) this.#checkMeanwhile(check, status);
      return true;
    }
    this.#waiting = { status, statusText, crossing, isHeadLater };
    return false;
  }

  onResponseData(chunk: Uint8Array): boolean {
    if (this.#isOver || this.#dropsAnswer) return true;
    this.responseBytes += chunk.length;
    const { responseBodyBytesMax } = this.integration.settings;
    if (responseBodyBytesMax > 0 && this.responseBytes > responseBodyBytesMax) {
      this.#cancelUpstream(true);
      if (this.#waiting !== null) {
        this.#fail("upstream.answer_too_large", false);
        return true;
      }
      this.errorCode = "upstream.answer_too_large";
      this.#truncate();
      return true;
    }
    if (this.#check !== null && !this.#keepForCheck(this.#check, chunk)) return true;
    return this.request.write(chunk);
  }

  /** True: the piece goes on to the client now. */
  #keepForCheck(check: ResponseCheck, chunk: Uint8Array): boolean {
    const kept = check.keep(chunk);
    if (this.#waiting === null) {
      if (kept !== "kept") {
        this.#dropCheck();
        this.#owner.responseChecked(this, this.#status, null);
      }
      return true;
    }
    if (kept === "kept") return false;
    this.#owner.responseChecked(this, this.#waiting.status, null);
    this.#cancelUpstream(true);
    this.#fail(kept === "too_large" ? "upstream.answer_too_large" : "gateway.overloaded", false);
    return false;
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#upstream = null;
    const check = this.#check;
    if (check !== null) {
      if (this.#waiting !== null) {
        this.#checkFirst(check, this.#waiting);
        return;
      }
      this.#checkMeanwhile(check, this.#status);
    }
    this.#endAnswer();
  }

  /** The response goes on whatever is found. */
  #checkMeanwhile(check: ResponseCheck, status: number): void {
    this.#check = null;
    const now = this.#isHeadLater ? "later" : check.bodyNow();
    if (now !== "later") {
      check.drop();
      this.#owner.responseChecked(this, status, now);
      return;
    }
    void check
      .outcome(this.#isHeadLater, () => true)
      .then((outcome) => {
        check.drop();
        this.#owner.responseChecked(this, status, outcome);
      });
  }

  /** The response is whole, and goes on when it fits. */
  #checkFirst(check: ResponseCheck, head: WaitingHead): void {
    this.#cancelUpstream(!isGatewayFailure(head.status));
    const now = head.isHeadLater ? "later" : check.bodyNow();
    if (now !== "later") {
      this.#afterCheck(check, head, now);
      return;
    }
    const isWanted = () => !this.#isOver;
    void check.outcome(head.isHeadLater, isWanted).then((outcome) => {
      if (isWanted()) this.#afterCheck(check, head, outcome);
    });
  }

  #afterCheck(check: ResponseCheck, head: WaitingHead, outcome: ResponseOutcome): void {
    this.#owner.responseChecked(this, head.status, outcome);
    if (outcome === "unusable") this.#fail("integration.unavailable", false);
    else if (outcome === "overloaded") this.#fail("gateway.overloaded", false);
    else if (outcome.length > 0) this.#fail("upstream.response_invalid", false);
    else {
      this.#waiting = null;
      this.#writeHead(head.status, head.statusText, head.crossing, check.bodyBytes);
      if (!this.#isOver) {
        for (const piece of check.body) this.request.write(piece);
        this.#endAnswer();
      }
    }
  }

  #dropCheck(): void {
    this.#check?.drop();
    this.#check = null;
  }

  onError(error: UpstreamError): void {
    if (this.#isOver) return;
    this.#upstream = null;
    const { code, isTargets } = classifyError(error.code);
    // An integration that gives up on a client that pauses in its upload is not failing.
    const waitedForClient =
      error.code === "connection_lost" && !this.#isBodyComplete && !this.#isClientPaused;
    this.#target?.finish(isTargets && !waitedForClient ? false : null);
    if (this.#target !== null) this.integration.failed(this.#target, code, error, this.interchangeId);
    const failed = this.#target;
    this.#target = null;
    this.#dropCheck();
    this.#waiting = null;
    if (this.#status !== 0) {
      this.errorCode = code;
      this.#truncate();
      return;
    }
    if (failed !== null && this.#mayRetry(error)) {
      this.#attempt(failed);
      return;
    }
    this.#fail(code, false);
  }

  onDrain(): void {
    if (!this.#isClientPaused) return;
    this.#isClientPaused = false;
    this.request.resume();
  }

  /** By the owner at shutdown, when the time for what is in flight is over. */
  giveUp(): void {
    if (this.#isOver) return;
    this.#cancelUpstream(null);
    if (this.#status === 0) this.#fail("gateway.draining", true);
    else this.#truncate();
  }

  /** @returns false when there was no target, and the request was answered */
  #attempt(failed: Target | null = null): boolean {
    const target = this.integration.pick(failed);
    if (target === null) {
      this.#fail("upstream.ejected", false);
      return false;
    }
    const { hasQuery, template } = target.url;
    const path = template === null ? target.url.path : this.#filled(target.url, template);
    if (path === null) {
      this.#fail("integration.unavailable", false);
      return false;
    }
    this.#attempts++;
    this.#target = target;
    target.begin();
    scratch.method = this.#method;
    scratch.path = this.#query === "" ? path : `${path}${hasQuery ? "&" : "?"}${this.#query}`;
    scratch.headers = this.#headers;
    const { fields } = this.integration;
    scratch.sharedHeaders = this.#peerFields === null ? [fields] : [fields, this.#peerFields];
    scratch.fields = this.#passed;
    scratch.contentLength = this.request.head.bodyLength;
    scratch.group = this.route.apiId;
    scratch.member = this.key.id;
    const upstream = target.client.dispatch(scratch, this);
    this.#upstream = upstream;
    if (this.#pieces !== null && !this.#writePieces(upstream, this.#pieces)) this.#pauseClient();
    else if (this.#isClientPaused) this.onDrain();
    if (this.#isBodyComplete && this.request.head.bodyLength !== 0) upstream.end();
    return true;
  }

  #filled({ search }: TargetUrl, template: PathTemplate): string | null {
    const path = template.fill(this.#headers);
    return path === null ? null : path + search;
  }

  /** @returns false when the client must wait */
  #writePieces(upstream: OutgoingRequest, pieces: readonly Uint8Array[]): boolean {
    let goesOn = true;
    for (const piece of pieces) goesOn = upstream.write(piece);
    return goesOn;
  }

  #pauseClient(): void {
    if (this.#isClientPaused || this.#isBodyComplete) return;
    this.#isClientPaused = true;
    this.request.pause();
  }

  /** The rule is data on the error: what was never sent may be repeated, anything else only if it is safe and paid for. */
  #mayRetry(error: UpstreamError): boolean {
    const { targets, retryBudget } = this.integration;
    if (!this.#isRepeatable && (this.requestBytes > 0 || !this.#isBodyComplete)) return false;
    if (error.replaySafe) {
      if (this.#attempts > Math.max(1, retryBudget.attemptsMax)) return false;
      return targets.length > 1 || retryBudget.attemptsMax > 0
        ? this.#attempts === 1 || retryBudget.take()
        : false;
    }
    if (this.#attempts > retryBudget.attemptsMax || !IDEMPOTENT.has(this.#method)) return false;
    return classifyError(error.code).isTargets && retryBudget.take();
  }

  /**
   * Whether a piece is to wait for those that follow. The last one of a body whose length is known is not, so that one
   * that came with the head is sent on without a copy; nor is one that there is no room for.
   */
  #mayBuffer(bytes: number): boolean {
    const { bodyLength } = this.request.head;
    if (bodyLength >= 0 && this.requestBytes >= bodyLength) return false;
    return this.requestBytes < this.#owner.bodyBufferBytesMax && this.#owner.takeRoom(this, bytes);
  }

  #keep(chunk: Uint8Array): void {
    this.#pieces ??= [];
    this.#pieces.push(Uint8Array.prototype.slice.call(chunk));
  }

  #forgetBody(): void {
    this.#isRepeatable = false;
    this.#pieces = null;
  }

  /** It is over: counted no more. */
  #close(): void {
    this.#isOver = true;
    this.#forgetBody();
    if (this.#check !== null) this.#dropCheck();
    if (this.bufferedBytes > 0) this.#owner.giveBackRoom(this);
    this.key.inFlight.requests--;
    this.integration.inFlight.requests--;
    this.integration.subscription.requests--;
  }

  #endAnswer(): void {
    this.#cancelUpstream(!isGatewayFailure(this.#status));
    this.request.end();
    this.#finish(this.#status);
  }

  /** The head is out, so the only way to tell the client is to break the connection. */
  #truncate(): void {
    this.request.abort();
    this.#finish(this.#status);
  }

  #fail(code: IngressErrorCode, close: boolean): void {
    this.errorCode = code;
    this.#close();
    this.#owner.reject(this, code, close);
  }

  #cancelUpstream(isSuccess: boolean | null): void {
    this.#upstream?.abort();
    this.#upstream = null;
    this.#target?.finish(isSuccess);
    this.#target = null;
  }

  #finish(status: number): void {
    if (this.#isOver) return;
    this.#close();
    this.#owner.finished(this, status);
  }
}

/** What a gateway in front of a dead service says: the service is failing, though something answered. */
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
