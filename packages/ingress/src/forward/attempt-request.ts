/** HOT. What one attempt sends to its target. */
import type { IngressErrorCode } from "@latchkey/core";
import type { UpstreamRequest } from "@latchkey/http1";
import type { RequestContext } from "../request/request-context.js";
import type { Integration } from "./integration.js";
import type { Target } from "./target.js";

/** @returns a code: the parameters of the route cannot fill the target's URL, or the credential cannot be used any more */
export function attemptRequest(
  context: RequestContext,
  integration: Integration,
  method: string,
  target: Target,
): UpstreamRequest | IngressErrorCode {
  const { ownHeaders, forwarding, passed, query, route, key } = context;
  const path = pathOf(target, ownHeaders);
  if (path === null) return "integration.unavailable";
  const { headers, login } = integration;
  if (!target.url.isTls && login?.needsTls === true) return "credential.unavailable";
  const sharedHeaders = forwarding === null ? [headers, passed] : [headers, forwarding, passed];
  if (login?.unshiftHeaders(sharedHeaders) === false) return "credential.unavailable";
  const search = login === null ? query.rest : login.query(query.rest);
  return {
    method,
    path: search === "" ? path : `${path}${target.url.hasQuery ? "&" : "?"}${search}`,
    headers: ownHeaders,
    sharedHeaders,
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
