/** HOT. What one attempt sends to its target. */
import type { UpstreamRequest } from "@latchkey/http1";
import type { RequestContext } from "../request/request-context.js";
import type { Integration } from "./integration.js";
import type { Target } from "./target.js";

/** @returns null: the parameters of the route cannot fill the target's URL */
export function attemptRequest(
  context: RequestContext,
  integration: Integration,
  method: string,
  target: Target,
): UpstreamRequest | null {
  const { ownHeaders, forwarding, passed, query, route, key } = context;
  const path = pathOf(target, ownHeaders);
  if (path === null) return null;
  const { headers } = integration;
  return {
    method,
    path: query.rest === "" ? path : `${path}${target.url.hasQuery ? "&" : "?"}${query.rest}`,
    headers: ownHeaders,
    sharedHeaders: forwarding === null ? [headers, passed] : [headers, forwarding, passed],
    contentLength: context.request.head.bodyLength,
    group: route?.apiId ?? "",
    member: key?.id ?? "",
  };
}

function pathOf({ url }: Target, ownHeaders: readonly string[]): string | null {
  if (url.template === null) return url.path;
  const path = url.template.fill(ownHeaders);
  return path === null ? null : path + url.search;
}
