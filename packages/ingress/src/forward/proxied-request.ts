/**
 * One request on its way to its integration and back: listener of the client's request and handler of the upstream's,
 * in one object, so that no closure is made. Streams both ways. The client's abort cancels the upstream; an upstream that
 * breaks before its response is a problem+json, and one that breaks within it is a truncated connection.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { OutgoingRequest, UpstreamError, UpstreamHandler } from "@latchkey/http1";

import type { EngineRefusal, RequestListener } from "../fronts/front-request.js";
import type { Admitted } from "../request/admission.js";
import type { RejectOptions } from "../request/reject.js";
import type { RequestContext } from "../request/request-context.js";
import type { Transfer } from "../request/transfer.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { Login } from "../upstream-auth/login.js";
import { CLIENT_CLOSED_STATUS } from "../usage/outcome.js";
import type { RequestAttempt } from "../usage/request-samples.js";
import { AttemptLog } from "./attempt-log.js";
import { attemptRequest } from "./attempt-request.js";
import { classifyError } from "./classify-error.js";
import { GatewayTime } from "./gateway-time.js";
import type { Integration } from "./integration.js";
import { ProxiedResponse } from "./proxied-response.js";
import type { ProxyServices } from "./proxy-services.js";
import { RequestBody } from "./request-body.js";
import type { Target } from "./target.js";
import type { TargetMemo } from "./target-memo.js";
import { SWITCHED_STATUS, type TunnelOwner, WebSocketTunnel } from "./web-socket-tunnel.js";

const CLOSING: RejectOptions = { close: true };

export class ProxiedRequest implements RequestListener, UpstreamHandler, Admitted, Transfer, TunnelOwner {
  readonly context: RequestContext;
  readonly key: KeyEntry;
  readonly integration: Integration;
  readonly gatewayTime: GatewayTime;
  /** The code of the gateway's own response. */
  errorCode: IngressErrorCode | null = null;
  isOver = false;
  /** Among those in flight. */
  place = -1;

  readonly #services: ProxyServices;
  /** Of the upstream request. */
  readonly #method: string;
  /** Null: it has none. */
  readonly #body: RequestBody | null;
  #target: Target | null = null;
  #upstream: OutgoingRequest | null = null;
  /** Null: none has begun. */
  #response: ProxiedResponse | WebSocketTunnel | null = null;
  /** The response is a WebSocket. */
  #tunnel: WebSocketTunnel | null = null;
  #isClientPaused = false;
  readonly #attemptLog: AttemptLog;
  #attempts = 0;
  /** Of the login that the last attempt had. */
  #loginVersion = 0;
  #hasLoggedInAgain = false;

  /** @param context of a request that has its key, route and integration; counted in flight from here to its end */
  constructor(services: ProxyServices, context: RequestContext) {
    const key = context.key as KeyEntry;
    const integration = context.integration as Integration;
    const { method, bodyLength } = context.request.head;
    this.#services = services;
    this.context = context;
    this.gatewayTime = new GatewayTime(context);
    this.#attemptLog = new AttemptLog(context);
    this.key = key;
    this.integration = integration;
    this.#method = integration.methodFor(method);
    this.#body = bodyLength === 0 ? null : RequestBody.of(bodyLength, integration, services);
    services.admission.admit(this);
  }

  get requestBytes(): number {
    if (this.#body !== null) return this.#body.bytes;
    return this.#tunnel === null ? 0 : this.#tunnel.requestBytes;
  }

  get respondedAtMs(): number | null {
    return this.#tunnel === null ? null : this.#tunnel.startedAtMs;
  }

  get responseBytes(): number {
    return this.#response === null ? 0 : this.#response.bytes;
  }

  attempts(): RequestAttempt[] {
    return this.#attemptLog.attempts();
  }

  /**
   * HOT. Sends the first attempt once the body is there, or as much of it as is buffered first (ADR 0672).
   * @param isBodyRead the body comes next, from memory
   * @returns who gets the rest of the request; null: it was responded to
   */
  start(isBodyRead: boolean): RequestListener | null {
    this.integration.retryBudget.countRequest();
    const body = this.#body;
    if (body === null || (!body.isWhole && (isBodyRead || this.#services.bodyBufferBytesMax === 0)))
      return this.#attempt(null) ? this : null;
    body.isBuffering = true;
    this.gatewayTime.waits(this.context.elapsedUs());
    return this;
  }

  gatewayUsOf(durationUs: number): number {
    return this.gatewayTime.usOf(durationUs);
  }

  /** It was refused before it was started. */
  dismiss(): void {
    this.#close();
  }

  /** Room that was taken for its body before it was started. */
  takeOverRoom(bytes: number): void {
    this.#body?.takeOverRoom(bytes);
  }

  /** By the owner at shutdown, when the time for what is in flight is over. */
  giveUp(): void {
    if (this.isOver) return;
    this.leaveTarget(null);
    if (this.#isHeadSent) this.truncate(null);
    else this.#fail("gateway.draining", CLOSING);
  }

  // From the client.

  onBodyData(chunk: Uint8Array): void {
    const body = this.#body;
    if (this.isOver) return;
    if (body === null) {
      if (this.#tunnel?.fromClient(chunk) === false) this.#pauseClient();
      return;
    }
    body.bytes += chunk.length;
    this.context.recorder?.requestData(chunk);
    if (body.bytes > this.context.requestBodyBytesMax) {
      this.leaveTarget(null);
      this.#fail("request.body_too_large", CLOSING);
      return;
    }
    if (body.isBuffering) {
      if (body.isWhole) {
        const refusal = body.bufferWhole(chunk);
        if (refusal !== null) this.#fail(refusal, CLOSING);
        return;
      }
      if (body.buffer(chunk)) return;
      body.isBuffering = false;
      this.gatewayTime.goesOn();
      if (!this.#attempt(null)) return;
    }
    body.pass(chunk);
    if (this.#upstream?.write(chunk) === false) this.#pauseClient();
  }

  onBodyEnd(): void {
    const body = this.#body;
    if (this.isOver) return;
    if (body === null) {
      this.#tunnel?.clientEnded();
      return;
    }
    body.isComplete = true;
    if (!body.isBuffering) {
      this.#upstream?.end();
      return;
    }
    body.isBuffering = false;
    this.gatewayTime.goesOn();
    if (this.#attempt(null)) body.releaseSent();
  }

  onWritable(): void {
    if (!this.isOver) this.#upstream?.resume();
  }

  onAborted(refusal: EngineRefusal | null): void {
    if (this.isOver) return;
    this.leaveTarget(null);
    if (refusal === null) {
      this.finish(this.#tunnel === null ? CLIENT_CLOSED_STATUS : SWITCHED_STATUS);
      return;
    }
    this.errorCode = refusal.code;
    this.finish(refusal.status);
  }

  // From the integration.

  onResponseStart(
    status: number,
    statusText: string,
    received: readonly string[],
    contentLength: number,
  ): void {
    if (this.isOver) return;
    this.#attemptLog.responded(status);
    this.context.recorder?.received(received);
    const { memo } = this.#target as Target;
    const { login } = this.integration;
    if (status === SWITCHED_STATUS) {
      this.#switchProtocols(received, memo);
      return;
    }
    if (login !== null && status >= 400 && status <= 403) {
      if (status === 401 && this.#logInAgain(login)) return;
      login.signer?.refused(received);
    }
    this.#body?.forget();
    this.#response = new ProxiedResponse(this, this.#services, this.context, this.integration);
    this.#response.start(status, statusText, memo.endToEndOf(received), contentLength);
  }

  onResponseData(chunk: Uint8Array): boolean {
    return this.isOver || this.#response === null ? true : this.#response.data(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.#upstream = null;
    this.#response?.end();
  }

  onError(error: UpstreamError): void {
    if (this.isOver) return;
    this.#upstream = null;
    const { code, isTargets } = classifyError(error.code);
    this.#attemptLog.end(code);
    const isBodyComplete = this.#body === null || this.#body.isComplete;
    // An integration that gives up on a client that pauses in its upload is not failing.
    const waitedForClient = error.code === "connection_lost" && !isBodyComplete && !this.#isClientPaused;
    const failed = this.#target;
    this.leaveTarget(isTargets && !waitedForClient ? false : null);
    if (failed !== null) this.integration.failed(failed, code, error, this.context.interchangeId);
    if (this.#isHeadSent) {
      this.truncate(code);
      return;
    }
    this.#response?.drop();
    this.#response = null;
    if (failed !== null && this.#mayRetry(error)) {
      this.#attempt(failed);
      return;
    }
    this.fail(code);
  }

  onDrain(): void {
    if (!this.#isClientPaused) return;
    this.#isClientPaused = false;
    this.context.request.resume();
  }

  // From its response.

  leaveTarget(isSuccess: boolean | null): void {
    this.#upstream?.abort();
    this.#upstream = null;
    this.#target?.finish(isSuccess);
    this.#target = null;
  }

  partFromTarget(): OutgoingRequest | null {
    const upstream = this.#upstream;
    this.#upstream = null;
    this.#target?.finish(true);
    this.#target = null;
    return upstream;
  }

  fail(code: IngressErrorCode): void {
    this.#fail(code, undefined);
  }

  truncate(code: IngressErrorCode | null): void {
    if (code !== null) this.errorCode = code;
    this.context.request.abort();
    this.finish(this.#response?.status ?? 0);
  }

  finish(status: number): void {
    if (this.isOver) return;
    this.#close();
    this.#services.accounting.finished(this.context, status, this);
  }

  get #isHeadSent(): boolean {
    return this.#response !== null && this.#response.status !== 0;
  }

  /** Only what asked for it gets a 101 (http1). */
  #switchProtocols(received: readonly string[], memo: TargetMemo): void {
    if (!WebSocketTunnel.isSwitched(received)) {
      this.leaveTarget(false);
      this.fail("upstream.protocol_error");
      return;
    }
    const upstream = this.#upstream as OutgoingRequest;
    const tunnel = new WebSocketTunnel(this, this.#services, this.context, this.integration, upstream);
    this.#tunnel = tunnel;
    this.#response = tunnel;
    tunnel.start(memo.endToEndOf(received).headers, this.integration);
  }

  /** @returns false when there was no target, and the request was responded to */
  #attempt(failed: Target | null): boolean {
    const target = this.integration.pick(failed);
    if (target === null) {
      this.fail("upstream.ejected");
      return false;
    }
    const { trace, ownHeaders } = this.context;
    if (trace) trace.prepareAttempt(ownHeaders);
    const request = attemptRequest(this.context, this.integration, this.#method, target, this.#body);
    if (typeof request === "string") {
      this.fail(request);
      return false;
    }
    this.#attempts++;
    this.context.recorder?.sent(request, this.integration.login);
    if (this.integration.login !== null) this.#loginVersion = this.integration.login.version;
    this.#target = target;
    target.begin();
    if (trace) trace.attemptBegins();
    // Two readings: a wait for a connection begins in `dispatch`, whose work is the gateway's time.
    const startedUs = this.context.elapsedUs();
    const upstream = target.client.dispatch(request, this);
    this.#upstream = upstream;
    this.#attemptLog.begin(target, upstream, startedUs);
    this.gatewayTime.waits(this.context.elapsedUs());
    const body = this.#body;
    if (body === null) return true;
    if (!body.writePieces(upstream)) this.#pauseClient();
    else if (this.#isClientPaused) this.onDrain();
    if (body.isComplete) upstream.end();
    return true;
  }

  /**
   * Once a request: the target refuses a token, and there may be another. A request that cannot be sent again gets the 401; those
   * that come later have the new token. True: the response is dropped, and another attempt follows.
   */
  #logInAgain(login: Login): boolean {
    if (this.#hasLoggedInAgain) return false;
    const renewal = login.renew(this.#loginVersion);
    if (renewal === null) return false;
    this.#hasLoggedInAgain = true;
    const body = this.#body;
    if (body !== null && !(body.isComplete && body.canRestart)) return false;
    this.leaveTarget(true);
    this.#attemptLog.end(null);
    void renewal.then(() => {
      if (!this.isOver) this.#attempt(null);
    });
    return true;
  }

  #mayRetry(error: UpstreamError): boolean {
    const { targets, retryBudget } = this.integration;
    if (this.#body !== null && !this.#body.canRestart) return false;
    const hasOtherTarget = targets.length > 1;
    return retryBudget.allows({ error, attempts: this.#attempts, method: this.#method, hasOtherTarget });
  }

  #pauseClient(): void {
    if (this.#isClientPaused || this.#body?.isComplete === true) return;
    this.#isClientPaused = true;
    this.context.request.pause();
  }

  #fail(code: IngressErrorCode, options: RejectOptions | undefined): void {
    const { context } = this;
    const { rejecter, accounting } = this.#services;
    this.errorCode = code;
    this.#close();
    const status = rejecter.reject(context, code, options);
    accounting.failed(code);
    accounting.finished(context, status, this);
  }

  /** It is over: counted no more. */
  #close(): void {
    this.isOver = true;
    this.#body?.close();
    this.#response?.drop();
    this.#services.admission.leave(this);
  }
}
