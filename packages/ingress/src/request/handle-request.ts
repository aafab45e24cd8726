/**
 * One request, top to bottom, in the order of docs/request-path.md: read the head, authenticate, route, admit,
 * validate, forward. Synchronous until validation and forward: one table, one revision for the whole request. Where a token, a
 * login or a shared count has to be waited for, it runs again on the then-current table. Knows no engine and no upstream client.
 * Limits are counted by limits/limit-step.ts.
 */
import { type IngressErrorCode, normalizePath } from "@latchkey/core";
import type { IngressConfig } from "../config.js";
import type { Integration } from "../forward/integration.js";
import { hasPassed } from "../forward/loop-detection.js";
import { ProxiedRequest } from "../forward/proxied-request.js";
import type { FrontRequest, RequestListener } from "../fronts/front-request.js";
import type { LimitRefusal } from "../limits/rate-limiter.js";
import { preflightOf } from "../policies/cors.js";
import type { CompiledApi, CompiledRoute } from "../table/compiled-api.js";
import type { CurrentTable } from "../table/current-table.js";
import { type AccessRefusal, authenticate, isWebhookRequest, lapseOf } from "./authenticate.js";
import type { BearerTokens, TokenVerdict } from "./bearer.js";
import { NOT_SERVED } from "./gateway-resources.js";
import { MessageRecorder, RecordingRoom } from "./message-recorder.js";
import { type PipelineParts, type PipelineServices, pipelineServices } from "./pipeline-services.js";
import { isSendableQuery, readQuery } from "./query-credential.js";
import type { RejectOptions } from "./reject.js";
import { RequestContext } from "./request-context.js";
import { scanHeaders } from "./request-scan.js";
import { asksForWebSocket } from "./web-socket-request.js";

const KEY_TWICE: RejectOptions = { detail: "The API key was sent more than once." };
const QUERY_INVALID: RejectOptions = {
  detail: "The query has a character that must be percent-encoded (RFC 3986, section 3.4).",
};
const API_UNUSABLE: RejectOptions = { detail: "The API is not usable on this node." };

export class RequestPipeline {
  readonly services: PipelineServices;
  readonly #config: IngressConfig;
  readonly #currentTable: CurrentTable<Integration>;
  readonly #bearer: BearerTokens | null;
  readonly #recordingRoom = new RecordingRoom();

  constructor(parts: PipelineParts) {
    this.services = pipelineServices(parts);
    this.#config = parts.config;
    this.#currentTable = parts.currentTable;
    this.#bearer = parts.bearer;
  }

  /** Nothing is served any more. */
  close(): Promise<void> {
    return this.services.checkPool.close();
  }

  /** HOT. Bound, since engines call it bare. */
  readonly handle = (request: FrontRequest): RequestListener | null =>
    this.#handle(new RequestContext(request, this.services.uuids));

  #handle(context: RequestContext): RequestListener | null {
    const { services } = this;
    const { request } = context;
    const { head } = request;
    const table = this.#currentTable.table;
    if (table === null) return this.#refuse(context, "gateway.not_ready");
    context.revision = table.revision;
    if (services.freshness.isStale(context.startedAtMs)) return this.#refuse(context, "gateway.stale");

    // Read the head.
    const proxyHeader = services.trustedProxies.headerOf(request);
    const scan = scanHeaders(head.fields, request.memo, services.headerClasses, proxyHeader);
    context.scan = scan;
    if (scan.fault !== null)
      return this.#refuse(context, "request.malformed", {
        detail: scan.fault,
        close: scan.isConnectionMalformed,
      });
    if (scan.hasUnknownExpectation) return this.#refuse(context, "request.expectation_failed");
    context.query = readQuery(head.query, this.#config.keyHeader, this.#config.webhookHeader);

    // Authenticate: the key names the API.
    const key = authenticate(scan, context.query, table, this.#currentTable, context);
    if (typeof key === "string") return this.#withoutKey(context, key);
    context.key = key;
    const policy = (key.api.current as CompiledApi<Integration> | null)?.cors ?? null;
    if (policy !== null) {
      const preflight = preflightOf(head.method, head.fields);
      if (preflight !== null)
        return services.resources.permit(context, services.cors.ownPermission(preflight, policy));
      context.corsLines = services.cors.linesOf(policy, head.fields);
    }
    const lapse = lapseOf(key, this.#currentTable);
    if (lapse !== null) return this.#refuse(context, lapse);
    const api = (key.api.current as CompiledApi<Integration> | null)?.built() ?? null;
    if (api === null) return this.#refuse(context, "integration.unavailable", API_UNUSABLE);
    if (api.recording !== null && api.recording.untilMs > this.#currentTable.serverTimeMs())
      context.recorder ??= new MessageRecorder(api.recording, this.#recordingRoom, this.#config.keyHeader);
    if (services.clientAddresses.refuses(context, api.ipPolicy, key.ipPolicy))
      return this.#refuse(context, "request.address_denied");
    if (api.bearerRequired && !isWebhookRequest(key, scan)) {
      const verdict = this.#tokenVerdict(scan.authorization);
      if (verdict === "unknown") return this.#verifyToken(context, scan.authorization);
      if (verdict === "unavailable") return this.#refuse(context, "token.issuer_unavailable");
      if (verdict === "invalid") return this.#refuse(context, "token.invalid");
      context.hasToken = true;
    }

    // Route.
    if (head.method === "TRACE" || head.method === "CONNECT")
      return this.#refuse(context, "route.method_not_allowed", NOT_SERVED);
    if (services.resources.isForGateway(context)) return services.resources.respondToOptions(context);
    const path = normalizePath(head.path);
    if (typeof path !== "string")
      return this.#refuse(context, "request.path_invalid", { detail: path.message });
    if (key.scopes?.admits(head.method, path) === false) return this.#refuse(context, "key.scope_denied");
    const match = api.router.find(head.method, path);
    const found =
      match?.kind === "match" ? (api.routes[match.route.value] as CompiledRoute<Integration>) : null;
    context.limits = services.limits.limitsOf(key, api, found);
    if (context.limits !== null) {
      const limited =
        context.counted?.keyId === key.id ? context.counted.refusal : services.limits.take(context.limits);
      if (limited instanceof Promise) return this.#awaitCount(context, key.id, limited);
      if (limited !== null) return services.refusals.refuseLimited(context, limited);
    }
    if (match === null) {
      if (services.resources.serveDescription(context, api, path)) return null;
      return this.#refuse(context, "route.not_found");
    }
    if (match.kind === "method_not_allowed")
      return this.#refuse(context, "route.method_not_allowed", {
        headers: ["allow", match.allow.join(", ")],
      });
    const route = found as CompiledRoute<Integration>;
    context.route = route;
    context.parameterValues = match.parameterValues;

    // Admit.
    const pseudonym = services.pseudonym.of(table.revision.epoch);
    if (hasPassed(pseudonym, scan.via, scan.cdnLoop)) return this.#refuse(context, "upstream.loop_detected");
    const integration = route.integration.current;
    if (integration === null) return this.#refuse(context, "integration.unavailable");
    context.isWebSocket = integration.resource.webSockets && asksForWebSocket(head);
    if (context.isWebSocket && !request.canSwitchProtocols)
      return this.#refuse(context, "gateway.upgrade_unsupported");
    const refusal = services.admission.refusalOf(
      key,
      route,
      integration,
      head.bodyLength,
      context.startedAtMs,
    );
    if (refusal !== null) return this.#refuse(context, refusal);
    if (!isSendableQuery(context.query.rest))
      return this.#refuse(context, "request.malformed", QUERY_INVALID);
    context.integration = integration;
    if (integration.login !== null) {
      const verdict = integration.login.settle();
      if (verdict instanceof Promise) return this.#awaitLogin(context, key.id, verdict);
      if (verdict !== null) return this.#refuse(context, verdict);
    }

    // Validate and forward.
    services.outgoingHead.write(context, api, integration, pseudonym);
    const proxied = new ProxiedRequest(services.proxy, context);
    return route.validate ? services.validation.start(proxied) : proxied.start(false);
  }

  /** A preflight request has none. Other requests need one. */
  #withoutKey(context: RequestContext, code: AccessRefusal): null {
    const { cors, resources } = this.services;
    const { head } = context.request;
    const origins = this.#currentTable.table?.allowedOrigins;
    const preflight = code === "key.missing" ? preflightOf(head.method, head.fields) : null;
    const permission =
      preflight === null || origins === undefined ? null : cors.permission(preflight, origins);
    if (permission !== null) return resources.permit(context, permission);
    return this.#refuse(context, code, code === "request.malformed" ? KEY_TWICE : undefined);
  }

  #tokenVerdict(authorization: string | null): TokenVerdict {
    return this.#bearer === null ? "invalid" : this.#bearer.verdictOf(authorization);
  }

  #verifyToken(context: RequestContext, authorization: string | null): RequestListener {
    const verified = this.#bearer?.verify(authorization) ?? Promise.resolve();
    return this.#handleAfter(verified, context);
  }

  #awaitCount(context: RequestContext, keyId: string, taken: Promise<LimitRefusal | null>): RequestListener {
    const counted = taken.then((refusal) => {
      context.counted = { keyId, refusal };
    });
    return this.#handleAfter(counted, context);
  }

  /** The request has passed the limits of its key, and is not counted again. */
  #awaitLogin(context: RequestContext, keyId: string, settled: Promise<void>): RequestListener {
    context.counted = { keyId, refusal: null };
    return this.#handleAfter(settled, context);
  }

  /** Runs the pipeline again on the then-current table once `done` resolves. `done` must not reject. */
  #handleAfter(done: Promise<void>, context: RequestContext): RequestListener {
    const { deferrals, proxy } = this.services;
    const next = (): RequestListener | null => {
      context.restart();
      return this.#handle(context);
    };
    return deferrals.until(done, context.request, next, (refusal) =>
      proxy.accounting.aborted(context, refusal),
    );
  }

  #refuse(context: RequestContext, code: IngressErrorCode, options?: RejectOptions): null {
    const origins = this.#currentTable.table?.allowedOrigins;
    if (context.key === null && origins?.isEmpty === false)
      context.corsLines = this.services.cors.linesWithoutApi(origins, context.request.head.fields);
    return this.services.refusals.refuse(context, code, options);
  }
}
