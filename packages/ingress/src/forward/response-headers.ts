/** The headers of an integration's response as its client gets them. */
import { ResponseHeaders } from "@latchkey/http1";
import type { LimitStep } from "../limits/limit-step.js";
import { withCors } from "../policies/cors.js";
import { withRules } from "../policies/header-rules.js";
import type { RequestContext } from "../request/request-context.js";
import type { Integration } from "./integration.js";

/** With header rules, and with what the gateway adds: the state of limits, and what pages may read. @param headers end-to-end */
export function responseHeaders(
  headers: ResponseHeaders,
  context: RequestContext,
  integration: Integration,
  limitStep: LimitStep,
): ResponseHeaders {
  const { corsLines, limits } = context;
  const ruled = withAllRules(headers.list, context, integration);
  if (limits === null && corsLines.length === 0)
    return ruled === headers.list ? headers : new ResponseHeaders(ruled);
  const list = corsLines.length === 0 ? ruled.slice() : withCors(ruled, corsLines);
  limitStep.pushHeaders(list, limits);
  return new ResponseHeaders(list);
}

function withAllRules(
  headers: readonly string[],
  context: RequestContext,
  integration: Integration,
): readonly string[] {
  const ofIntegration = integration.headerRules.response;
  const ofRoute = context.route?.headerRules.response ?? null;
  if (ofIntegration === null && ofRoute === null) return headers;
  return withRules(headers, ofIntegration, ofRoute, context);
}
