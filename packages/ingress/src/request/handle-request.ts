/**
 * HOT. One request, top to bottom, in the order of docs/request-path.md. Synchronous until `forward`: one table, one
 * revision for the whole request. Knows no engine and no upstream client.
 */

// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { type IngressErrorCode, IpBlocks, normalizePath, type ProblemItem } from "@latchkey/core";
import { DenseList, Fields } from "@latchkey/http1";
import { CheckPool } from "@latchkey/validation";
import type { IngressConfig } from "../config.js";
import { Peers, pushForwarding } from "../forward/headers.js";
import type { Integration } from "../forward/integration.js";
import { namesProxy, pseudonymOf } from "../forward/loop-detection.js";
import { ProxiedRequest, type ProxiedRequestOwner } from "../forward/proxied-request.js";
import { ResponseCheck, type ResponseOutcome } from "../forward/response-check.js";
import type { ResponseFaults } from "../forward/response-faults.js";
import { isTraceparent, TraceIds } from "../forward/trace-context.js";
import type { FrontRequest, RequestListener } from "../http/front-request.js";
import { InFlight } from "../limits/in-flight.js";
import type { KeyLimits, LimitRefusal } from "../limits/rate-limiter.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import type { SleepGate } from "../sync/sleep-gate.js";
import type { BuiltApi, CompiledApi, CompiledRoute } from "../table/compiled-api.js";
import type { CurrentTable } from "../table/current-table.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { RouteTable } from "../table/route-table.js";
import type { IngressStats } from "../usage/ingress-stats.js";
import type { UsageRecorder } from "../usage/usage-recorder.js";
import { type AccessRefusal, authenticate, lapseOf } from "./authenticate.js";
import type { BearerTokens } from "./bearer.js";
import { BufferedBytes } from "./buffered-bytes.js";
import { BufferedRequest } from "./buffered-request.js";
import { HeaderClasses } from "./header-classes.js";
import { INTERCHANGE_ID, interchangeIdOf } from "./interchange-id.js";
import { isSendableQuery, readQuery } from "./query-credential.js";
import { Rejecter, type RejectOptions } from "./reject.js";
import { type RequestScan, scanHeaders } from "./request-scan.js";
import { type CheckVerdict, checkedHead, checkedResponseHead, RequestCheck } from "./validation.js";

export interface PipelineParts {
  readonly config: IngressConfig;
  readonly currentTable: CurrentTable<Integration>;
  readonly stats: IngressStats;
  readonly usage: UsageRecorder;
  /** Closed after a sleep of the process. */
  readonly gate: SleepGate;
  /** Of the listener: `http` or `https`. */
  readonly scheme: "http" | "https";
  /** Null: no bearer token is accepted. */
  readonly bearer: BearerTokens | null;
  /** Null: this node counts for itself. */
  readonly sharedLimits: SharedLimits | null;
  readonly responseFaults: ResponseFaults;
}

/** That a request was counted against a key's limits already. */
interface Counted {
  readonly keyId: string;
  readonly refusal: LimitRefusal | null;
}

/** The API's own description, when its owner has it served. */
const OPENAPI_PATH = "/.well-known/openapi.json";

const keyTwice: RejectOptions = { detail: "The API key was sent more than once." };
const queryInvalid: RejectOptions = {
  detail: "The query has a character that must be percent-encoded (RFC 3986, section 3.4).",
};
const apiUnusable: RejectOptions = { detail: "The API is not usable on this node." };
/** What an API may have routes for. */
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const allow = ["allow", METHODS] as const;
const allowFields = new Fields(allow);
const openapiFields = new Fields(["content-type", "application/json", "cache-control", "private, no-cache"]);
const notServed: RejectOptions = { headers: allow };
const NO_BYTES = new Uint8Array(0);
const nobody = new InFlight();
const closing: RejectOptions = { close: true };

export class RequestPipeline implements ProxiedRequestOwner {
  readonly rejecter: Rejecter;
  readonly #config: IngressConfig;
  readonly #currentTable: CurrentTable<Integration>;
  readonly #stats: IngressStats;
  readonly #usage: UsageRecorder;
  readonly #gate: SleepGate;
  readonly #scheme: "http" | "https";
  readonly #bearer: BearerTokens | null;
  readonly #sharedLimits: SharedLimits | null;
  readonly #classes: HeaderClasses;
  readonly #trusted: IpBlocks | null;
  #peers = new Peers();
  readonly #traceIds = new TraceIds();
  /** By which this installation knows itself in Via and CDN-Loop. */
  #pseudonym = "";
  #pseudonymEpoch = -1;
  readonly #proxied = new DenseList<ProxiedRequest>();
  readonly #bufferedBytes: BufferedBytes;
  readonly #checks: CheckPool;
  readonly #responseFaults: ResponseFaults;

  constructor(parts: PipelineParts) {
    const { config } = parts;
    this.#config = config;
    this.#currentTable = parts.currentTable;
    this.#stats = parts.stats;
    this.#usage = parts.usage;
    this.#gate = parts.gate;
    this.#scheme = parts.scheme;
    this.#bearer = parts.bearer;
    this.#sharedLimits = parts.sharedLimits;
    this.#responseFaults = parts.responseFaults;
    this.#classes = new HeaderClasses(config.keyHeader, config.webhookHeader);
    this.#trusted = config.trustedProxies.length === 0 ? null : new IpBlocks(config.trustedProxies);
    this.#bufferedBytes = new BufferedBytes(config.limits.bufferedBytesMax);
    this.#checks = new CheckPool({ bodyBytesMax: config.limits.checkedBodyBytesMax });
    this.rejecter = new Rejecter(config.keyHeader);
  }

  get inFlight(): number {
    return this.#proxied.size;
  }

  /** Ends what is still in flight: the time for it is over. */
  giveUp(): void {
    for (const proxied of this.#proxied.toArray()) proxied.giveUp();
  }

  /** Nothing is served any more. */
  close(): Promise<void> {
    return this.#checks.close();
  }

  /** HOT. Bound, since engines call it bare. */
  readonly handle = (request: FrontRequest): RequestListener | null =>
    this.#handle(request, request.arrivedAtMs, null);

  #handle(request: FrontRequest, startedAtMs: number, counted: Counted | null): RequestListener | null {
    const { head } = request;
    const table = this.#currentTable.table;
    if (table === null) return this.#refuse(request, "gateway.not_ready");
    if (this.#gate.isClosed(startedAtMs) || this.#isStale(startedAtMs))
      return this.#refuse(request, "gateway.stale");

    // The peer's address costs a system call with uws: asked for where it counts.
    const isTrusted = this.#trusted !== null && this.isTrusted(request.remoteAddress);
    const proxyHeader = isTrusted ? this.#config.trustedProxyHeader : null;
    const scan = scanHeaders(head.fields, this.#classes, proxyHeader);
    if (scan.fault !== null) return this.#refuse(request, "request.malformed", scan, { detail: scan.fault });
    if (scan.hasUnknownExpectation) return this.#refuse(request, "request.expectation_failed", scan);

    const query = readQuery(head.query, this.#config.keyHeader, this.#config.webhookHeader);
    const access = authenticate(scan, query, table, this.#currentTable);
    if (typeof access === "string") return this.#refuseAccess(request, access, scan);
    const lapse = lapseOf(access, this.#currentTable);
    if (lapse !== null) return this.#refuseKnown(request, access, null, lapse, scan);

    const api = access.api.current as CompiledApi<Integration> | null;
    const built = api === null ? null : api.built();
    if (built === null)
      return this.#refuseKnown(request, access, null, "integration.unavailable", scan, apiUnusable);
    const needsToken = built.bearerRequired && !isWebhookRequest(access, scan);
    if (needsToken) {
      const verdict = this.#bearer === null ? "invalid" : this.#bearer.verdictOf(scan.authorization);
      if (verdict === "unknown") return this.#verifyFirst(request, scan.authorization, startedAtMs, counted);
      if (verdict !== "valid")
        return this.#refuseKnown(
          request,
          access,
          null,
          verdict === "invalid" ? "token.invalid" : "gateway.internal",
          scan,
        );
    }
    if (head.method === "TRACE" || head.method === "CONNECT")
      return this.#refuseKnown(request, access, null, "route.method_not_allowed", scan, notServed);
    if (head.method === "OPTIONS" && (head.path === "*" || scan.isLastHop))
      return this.#answerOptions(request, scan);
    const path = normalizePath(head.path);
    if (typeof path !== "string")
      return this.#refuseKnown(request, access, null, "request.path_invalid", scan, {
        detail: path.message,
      });
    const limits = access.limits;
    if (limits !== null) {
      const limited = counted?.keyId === access.id ? counted.refusal : this.#takeLimits(access.id, limits);
      if (limited instanceof Promise) return this.#countFirst(request, access.id, limited, startedAtMs);
      if (limited !== null) return this.#refuseLimited(request, access, limited, scan);
    }

    const match = built.router.find(head.method, path);
    if (match === null) return this.#withoutRoute(request, access, built, path, scan);
    if (match.kind === "method_not_allowed")
      return this.#refuseKnown(request, access, null, "route.method_not_allowed", scan, {
        headers: ["allow", match.allow.join(", ")],
      });

    const route = built.routes[match.route.value] as CompiledRoute<Integration>;
    const integration = route.integration.current;
    if (table.version.epoch !== this.#pseudonymEpoch) this.#rename(table.version.epoch);
    if ((scan.via !== null || scan.cdnLoop !== null) && this.#wasHere(scan))
      return this.#refuseKnown(request, access, route, "upstream.loop_detected", scan);
    const refusal = this.#admissionOf(request, access, integration);
    if (refusal !== null) return this.#refuseKnown(request, access, route, refusal, scan);
    if (!isSendableQuery(query.rest))
      return this.#refuseKnown(request, access, route, "request.malformed", scan, queryInvalid);

    const interchangeId = interchangeIdOf(scan.interchangeId);
    const headers: string[] = [];
    for (let i = 0; i < match.parameterValues.length; i++)
      headers.push(route.path.parameterHeaders[i] as string, match.parameterValues[i] as string);
    const peerFields = this.#pushOwnHeaders(headers, scan, interchangeId, request, query.rest);
    const proxied = new ProxiedRequest(
      this,
      request,
      access,
      route,
      integration as Integration,
      interchangeId,
      built.bearerRequired && !(needsToken && forwardsAuthorization(integration))
        ? scan.withoutAuthorization
        : scan.passed,
      headers,
      peerFields,
      query.rest,
      startedAtMs,
    );
    this.#proxied.add(proxied);
    proxied.admit();
    if (!route.validate) return this.#forward(proxied, false);
    return this.#checkFirst(proxied, scan, query.rest, match.parameterValues);
  }

  #verifyFirst(
    request: FrontRequest,
    authorization: string | null,
    startedAtMs: number,
    counted: Counted | null,
  ): RequestListener {
    const verified = this.#bearer?.verify(authorization) ?? Promise.resolve();
    return this.#startAnewAfter(verified, request, () => this.#handle(request, startedAtMs, counted));
  }

  #takeLimits(keyId: string, limits: KeyLimits): LimitRefusal | null | Promise<LimitRefusal | null> {
    const nowMs = this.#currentTable.serverTimeMs();
    return this.#sharedLimits === null ? limits.take(nowMs) : this.#sharedLimits.take(keyId, limits, nowMs);
  }

  #countFirst(
    request: FrontRequest,
    keyId: string,
    taken: Promise<LimitRefusal | null>,
    startedAtMs: number,
  ): RequestListener {
    let counted: Counted | null = null;
    const known = taken.then((refusal) => {
      counted = { keyId, refusal };
    });
    return this.#startAnewAfter(known, request, () => this.#handle(request, startedAtMs, counted));
  }

  /** Something takes a while, and never fails: then the request starts anew, with the revision of then. */
  #startAnewAfter(
    done: Promise<void>,
    request: FrontRequest,
    start: () => RequestListener | null,
  ): RequestListener {
    const buffered = new BufferedRequest(
      request,
      Number.POSITIVE_INFINITY,
      this.#bufferedBytes,
      nobody,
      null,
    );
    request.pause();
    void done.then(() => {
      if (buffered.isOver) return;
      this.#gate.isClosed(performance.now()); // the process may have slept meanwhile: the request's own time is from before
      const next = start();
      buffered.release(next);
      if (!(next instanceof BufferedRequest && next.wantsPause)) request.resume();
    });
    return buffered;
  }

  /** The route's schemas: the head at once, a body that has to be checked when it is whole. */
  #checkFirst(
    proxied: ProxiedRequest,
    scan: RequestScan,
    query: string,
    parameterValues: readonly string[],
  ): RequestListener | null {
    const { request, integration, route } = proxied;
    const head = checkedHead(request, scan, query, route, parameterValues);
    const check = new RequestCheck(
      route.operation === null ? "unusable" : route.operation.checkerFor(integration.resource),
      head,
      route.apiId,
      proxied.key.id,
    );
    const verdict = check.headNow();
    if (verdict !== "later") return this.#afterHead(proxied, check, verdict);
    let known: CheckVerdict = null;
    const done = check
      .headLater(this.#checks, () => request.state === "open")
      .then((found) => {
        known = found;
        if (request.state !== "open") proxied.onAborted(null);
      });
    return this.#startAnewAfter(done, request, () => this.#afterHead(proxied, check, known));
  }

  #afterHead(proxied: ProxiedRequest, check: RequestCheck, verdict: CheckVerdict): RequestListener | null {
    const { request, integration } = proxied;
    if (verdict !== null) return this.#refuseChecked(proxied, verdict);
    if (!check.needsBody) return this.#forward(proxied, false);
    if (request.head.bodyLength === 0) {
      const refusal = check.bodyNow(NO_BYTES);
      return refusal === null || refusal === "later"
        ? this.#forward(proxied, true)
        : this.#refuseChecked(proxied, refusal);
    }
    const { checkedBodyBytesMax } = this.#config.limits;
    if (request.head.bodyLength > checkedBodyBytesMax)
      return this.#refuseForwarding(proxied, "request.body_too_large");
    const proceed = (found: CheckVerdict): void => {
      if (found === null) {
        proxied.bufferedBytes = buffered.takeRoom();
        buffered.release(this.#forward(proxied, true));
      } else {
        this.#refuseChecked(proxied, found);
        buffered.release(null);
      }
    };
    const buffered = new BufferedRequest(
      request,
      Math.min(checkedBodyBytesMax, integration.settings.requestBodyBytesMax),
      this.#bufferedBytes,
      integration.subscription,
      {
        onBufferAborted: (refusal) => proxied.onAborted(refusal),
        onBufferNoRoom: () => this.#refuseForwarding(proxied, "gateway.overloaded"),
        onBufferTooLarge: () => this.#refuseForwarding(proxied, "request.body_too_large"),
        onBufferComplete: (body) => {
          const found = check.bodyNow(body);
          if (found !== "later") {
            proceed(found);
            return;
          }
          const isWanted = () => !buffered.isOver;
          void check.bodyLater(this.#checks, body, isWanted).then((later) => {
            if (isWanted()) proceed(later);
          });
        },
      },
    );
    return buffered;
  }

  #refuseChecked(proxied: ProxiedRequest, verdict: Exclude<CheckVerdict, null>): null {
    if (verdict === "unusable") return this.#refuseForwarding(proxied, "integration.unavailable");
    if (verdict === "overloaded") return this.#refuseForwarding(proxied, "gateway.overloaded");
    return this.#refuseForwarding(proxied, verdict.code, verdict.errors);
  }

  // By a proxied request.

  get bodyBufferBytesMax(): number {
    return this.#config.limits.bodyBufferBytesMax;
  }

  takeRoom(proxied: ProxiedRequest, bytes: number): boolean {
    if (!this.#bufferedBytes.take(proxied.integration.subscription, bytes)) return false;
    proxied.bufferedBytes += bytes;
    return true;
  }

  giveBackRoom(proxied: ProxiedRequest): void {
    this.#bufferedBytes.giveBack(proxied.integration.subscription, proxied.bufferedBytes);
    proxied.bufferedBytes = 0;
  }

  reject(proxied: ProxiedRequest, code: IngressErrorCode, close: boolean): void {
    const { request, interchangeId } = proxied;
    const status = this.rejecter.reject(request, code, interchangeId, close ? closing : undefined);
    this.#stats.countError(code);
    this.finished(proxied, status);
  }

  answerFields(proxied: ProxiedRequest, fields: Fields): Fields {
    const { limits } = proxied.key;
    proxied.request.setOwnLine(INTERCHANGE_ID, proxied.interchangeId);
    if (limits === null) return fields;
    const list = fields.list.slice();
    limits.pushHeaders(list, this.#currentTable.serverTimeMs());
    return new Fields(list);
  }

  responseCheck(
    { route, integration, key }: ProxiedRequest,
    status: number,
    fields: Fields,
    hasBody: boolean,
  ): ResponseCheck {
    const { checkedBodyBytesMax } = this.#config.limits;
    return new ResponseCheck({
      checker: route.operation === null ? "unusable" : route.operation.checkerFor(integration.resource),
      head: checkedResponseHead(status, fields, hasBody),
      pool: this.#checks,
      apiId: route.apiId,
      keyId: key.id,
      room: this.#bufferedBytes,
      holder: integration.subscription,
      bytesMax: checkedBodyBytesMax,
    });
  }

  responseChecked(proxied: ProxiedRequest, status: number, outcome: ResponseOutcome | null): void {
    const { route, integration, interchangeId } = proxied;
    const isRefused = route.responseValidation === "refuse";
    if (outcome === null || typeof outcome === "string") {
      this.#stats.countResponseCheck("unchecked");
      return;
    }
    this.#stats.countResponseCheck(outcome.length === 0 ? "valid" : isRefused ? "refused" : "reported");
    if (outcome.length > 0)
      this.#responseFaults.report({
        apiId: route.apiId,
        routeId: route.id,
        integrationId: integration.id,
        requestId: interchangeId,
        status,
        isRefused,
        issues: outcome,
      });
  }

  finished(proxied: ProxiedRequest, status: number): void {
    this.#proxied.delete(proxied);
    const durationUs = Math.round((performance.now() - proxied.startedAtMs) * 1000);
    const { key, route, requestBytes, responseBytes } = proxied;
    if (!proxied.isRefusedByEngine) this.#stats.countStatus(status); // else the engine's refusal was counted
    this.#stats.countForwarded(requestBytes, responseBytes, durationUs);
    this.#usage.record(key, route, status, requestBytes, responseBytes, durationUs);
    if (this.#usage.wantsSample(true))
      this.#sample(proxied.request, key, route, proxied.interchangeId, status, proxied.errorCode, durationUs);
  }

  /** Refused before it was started. */
  #refuseForwarding(proxied: ProxiedRequest, code: IngressErrorCode, errors?: readonly ProblemItem[]): null {
    const { request, interchangeId, key, route } = proxied;
    this.#proxied.delete(proxied);
    proxied.dismiss();
    const status = this.rejecter.reject(request, code, interchangeId, { errors });
    this.#countRefusal(request, key, route, interchangeId, code, status);
    return null;
  }

  #forward(proxied: ProxiedRequest, isBodyRead: boolean): RequestListener | null {
    return proxied.start(isBodyRead) ? proxied : null;
  }

  /** Another epoch: the pseudonym that it gives, unless one is configured. */
  #rename(epoch: number): void {
    this.#pseudonymEpoch = epoch;
    this.#pseudonym = this.#config.via ?? pseudonymOf(epoch);
    this.#peers = new Peers();
  }

  #wasHere(scan: RequestScan): boolean {
    const { via, cdnLoop } = scan;
    if (via !== null && namesProxy(via, this.#pseudonym)) return true;
    return cdnLoop !== null && namesProxy(cdnLoop, this.#pseudonym);
  }

  #isStale(nowMs: number): boolean {
    const { maxStaleMs } = this.#config.controlPlane;
    return maxStaleMs > 0 && nowMs - this.#currentTable.confirmedAtMs > maxStaleMs;
  }

  /** Whether an address is that of a trusted proxy. */
  isTrusted(address: string): boolean {
    return this.#trusted?.has(address) === true;
  }

  /** Why a request that has its route may not go on now, or null. */
  #admissionOf(
    request: FrontRequest,
    key: KeyEntry,
    integration: Integration | null,
  ): IngressErrorCode | null {
    if (integration === null) return "integration.unavailable";
    const { limits } = this.#config;
    if (key.inFlight.requests >= limits.inFlightPerKeyMax) return "key.concurrency_limited";
    if (integration.subscription.requests >= limits.inFlightPerSubscriptionMax)
      return "subscription.concurrency_limited";
    if (this.#proxied.size >= limits.inFlightMax) return "gateway.overloaded";
    if (integration.inFlight.requests >= integration.settings.concurrentRequestsMax)
      return "upstream.overloaded";
    if (request.head.bodyLength > integration.settings.requestBodyBytesMax) return "request.body_too_large";
    return null;
  }

  /** @returns lines that belong to the request as well, the same as last time */
  #pushOwnHeaders(
    headers: string[],
    scan: RequestScan,
    interchangeId: string,
    request: FrontRequest,
    query: string,
  ): Fields | null {
    const { method, path } = request.head;
    headers.push(
      INTERCHANGE_ID,
      interchangeId,
      "X-Forwarded-Method",
      method,
      "X-Forwarded-Path",
      query === "" ? path : `${path}?${query}`,
    );
    if (scan.traceparent !== null && isTraceparent(scan.traceparent)) {
      headers.push("traceparent", scan.traceparent);
      if (scan.tracestate !== null) headers.push("tracestate", scan.tracestate);
    } else headers.push("traceparent", this.#traceIds.next());
    const { host } = request.head;
    // Lines that come again come from the same client: the texts are the same objects, not only alike.
    const pseudonym = this.#pseudonym;
    if (scan.clientFields !== null && scan.clientHost === host && scan.clientVia === pseudonym)
      return scan.clientFields;
    const peer = this.#peers.of(request.remoteAddress);
    if (scan.carried !== null || scan.via !== null) {
      pushForwarding(headers, peer, host, this.#scheme, pseudonym, scan.via, scan.carried);
      return null;
    }
    const fields = peer.fieldsFor(host, this.#scheme, pseudonym);
    scan.clientFields = fields;
    scan.clientHost = host;
    scan.clientVia = pseudonym;
    return fields;
  }

  #withoutRoute(
    request: FrontRequest,
    key: KeyEntry,
    built: BuiltApi<Integration>,
    path: string,
    scan: RequestScan,
  ): null {
    const { method } = request.head;
    if (path !== OPENAPI_PATH || built.openapiJson === null || (method !== "GET" && method !== "HEAD"))
      return this.#refuseKnown(request, key, null, "route.not_found", scan);
    request.setOwnLine(INTERCHANGE_ID, interchangeIdOf(scan.interchangeId));
    request.respond(200, "OK", openapiFields, built.openapiJson, false);
    this.#stats.countStatus(200);
    return null;
  }

  /** `OPTIONS *` asks the gateway, and so does a request that may go no further (RFC 9110 §7.6.2, §9.3.7). */
  #answerOptions(request: FrontRequest, scan: RequestScan): null {
    request.setOwnLine(INTERCHANGE_ID, interchangeIdOf(scan.interchangeId));
    request.respond(204, "No Content", allowFields, NO_BYTES, false);
    this.#stats.countStatus(204);
    return null;
  }

  /** Refused before the key is known: counted for no key. */
  #refuse(request: FrontRequest, code: IngressErrorCode, scan?: RequestScan, options?: RejectOptions): null {
    const interchangeId = interchangeIdOf(scan?.interchangeId ?? null);
    const status = this.rejecter.reject(request, code, interchangeId, options);
    this.#countRefusal(request, null, null, interchangeId, code, status);
    return null;
  }

  #refuseAccess(request: FrontRequest, code: AccessRefusal, scan: RequestScan): null {
    return this.#refuse(request, code, scan, code === "request.malformed" ? keyTwice : undefined);
  }

  #refuseLimited(request: FrontRequest, key: KeyEntry, refusal: LimitRefusal, scan: RequestScan): null {
    const headers: string[] = ["retry-after", String(refusal.retryAfterSeconds)];
    key.limits?.pushHeaders(headers, this.#currentTable.serverTimeMs());
    return this.#refuseKnown(request, key, null, refusal.code, scan, { headers });
  }

  /** Refused with a known key: counted for it. */
  #refuseKnown(
    request: FrontRequest,
    key: KeyEntry,
    route: CompiledRoute<Integration> | null,
    code: IngressErrorCode,
    scan: RequestScan,
    options?: RejectOptions,
  ): null {
    const interchangeId = interchangeIdOf(scan.interchangeId);
    const status = this.rejecter.reject(request, code, interchangeId, options);
    this.#countRefusal(request, key, route, interchangeId, code, status);
    return null;
  }

  #countRefusal(
    request: FrontRequest,
    key: KeyEntry | null,
    route: CompiledRoute<Integration> | null,
    interchangeId: string,
    code: IngressErrorCode,
    status: number,
  ): void {
    this.#stats.countError(code);
    this.#stats.countStatus(status);
    this.#usage.record(key, route, status, 0, 0, 0);
    if (this.#usage.wantsSample(key !== null))
      this.#sample(request, key, route, interchangeId, status, code, 0);
  }

  #sample(
    request: FrontRequest,
    key: KeyEntry | null,
    route: CompiledRoute<Integration> | null,
    interchangeId: string,
    status: number,
    errorCode: IngressErrorCode | null,
    durationUs: number,
  ): void {
    this.#usage.sample({
      atMs: this.#currentTable.serverTimeMs(),
      interchangeId,
      apiId: key?.api.id ?? "",
      keyId: key?.id ?? "",
      routeId: route?.id ?? "",
      integrationId: route?.integration.id ?? "",
      method: request.head.method,
      path: request.head.path,
      status,
      errorCode: errorCode ?? "",
      durationUs,
    });
  }
}

/** A webhook key presented as webhooks do, by query or with its flag: their senders have no bearer token. */
function isWebhookRequest(key: KeyEntry, scan: RequestScan): boolean {
  return key.isWebhook && (scan.hasWebhookFlag || scan.key === null || scan.key === "");
}

function forwardsAuthorization(integration: Integration | null): boolean {
  return integration?.resource.forwardAuthorization === true;
}

export type IngressTable = RouteTable<Integration>;
