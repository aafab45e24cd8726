/** The head of the upstream request: the client's headers that go on, and those that the gateway sets. */

import { SharedHeaders } from "@latchkey/http1";
import { isTraceparent } from "@latchkey/observe";
import { pushForwarding } from "../forward/headers.js";
import type { Integration } from "../forward/integration.js";
import { TraceIds } from "../forward/trace-context.js";
import { withRules } from "../policies/header-rules.js";
import type { BuiltApi, CompiledRoute } from "../table/compiled-api.js";
import { INTERCHANGE_ID } from "./interchange-id.js";
import type { RandomPool } from "./random-pool.js";
import type { RequestContext } from "./request-context.js";
import type { RequestSpans } from "./request-spans.js";

export class OutgoingHead {
  readonly #scheme: "http" | "https";
  readonly #traceIds: TraceIds;
  readonly #spans: RequestSpans | null;

  /** @param scheme of the listener @param spans null: none are exported */
  constructor(scheme: "http" | "https", random: RandomPool, spans: RequestSpans | null) {
    this.#scheme = scheme;
    this.#spans = spans;
    this.#traceIds = new TraceIds(random);
  }

  /** HOT. @param pseudonym the gateway in Via and CDN-Loop */
  write(
    context: RequestContext,
    api: BuiltApi<Integration>,
    integration: Integration,
    pseudonym: string,
  ): void {
    const { scan } = context;
    const forwardsToken = context.hasToken && integration.resource.forwardAuthorization;
    let passed = api.bearerRequired && !forwardsToken ? scan.withoutAuthorization : scan.passed;
    if (integration.login !== null) passed = scan.withoutAuthorization;
    const ofIntegration = integration.headerRules.request;
    const ofRoute = (context.route as CompiledRoute<Integration>).headerRules.request;
    if (ofIntegration !== null || ofRoute !== null)
      passed = new SharedHeaders(withRules(passed.list, ofIntegration, ofRoute, context));
    context.passed = integration.login === null ? passed : integration.login.passed(passed);
    context.ownHeaders = [];
    this.#pushParameters(context);
    this.#pushRequest(context);
    context.forwarding = this.#forwarding(context, pseudonym);
  }

  #pushParameters({ route, parameterValues, ownHeaders }: RequestContext): void {
    const { path } = route as CompiledRoute<Integration>;
    for (let i = 0; i < parameterValues.length; i++)
      ownHeaders.push(path.parameterHeaders[i] as string, parameterValues[i] as string);
  }

  #pushRequest(context: RequestContext): void {
    const { request, scan, query, interchangeId, ownHeaders } = context;
    const { method, path } = request.head;
    ownHeaders.push(
      INTERCHANGE_ID,
      interchangeId,
      "X-Forwarded-Method",
      method,
      "X-Forwarded-Path",
      query.rest === "" ? path : `${path}?${query.rest}`,
    );
    const trace = this.#spans === null ? null : this.#spans.traceOf(context);
    if (trace !== null) trace.push(ownHeaders);
    else if (scan.traceparent !== null && isTraceparent(scan.traceparent)) {
      ownHeaders.push("traceparent", scan.traceparent);
      if (scan.tracestate !== null) ownHeaders.push("tracestate", scan.tracestate);
    } else ownHeaders.push("traceparent", this.#traceIds.next());
  }

  /** The headers about the client; null: they are among the request's own, behind what proxies have said. */
  #forwarding({ request, scan, ownHeaders }: RequestContext, pseudonym: string): SharedHeaders | null {
    const { memo, remoteAddress } = request;
    if (scan.carried !== null || scan.via !== null) {
      const { host } = request.head;
      pushForwarding(ownHeaders, remoteAddress, host, this.#scheme, pseudonym, scan.via, scan.carried);
      return null;
    }
    const known = memo === null ? null : memo.forwardingOf(request.head.host, pseudonym);
    if (known !== null) return known;
    const list: string[] = [];
    const host = Buffer.from(request.head.host, "latin1").toString("latin1"); // a slice would keep the head that it is of
    pushForwarding(list, remoteAddress, host, this.#scheme, pseudonym, null, null);
    const forwarding = new SharedHeaders(list);
    if (memo !== null) memo.keepForwarding(host, pseudonym, forwarding);
    return forwarding;
  }
}
