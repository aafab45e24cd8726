/** HOT. What one attempt sends to its target. */
import type { IngressErrorCode } from "@latchkey/core";
import type { SharedHeaders, UpstreamRequest } from "@latchkey/http1";
import type { RequestContext } from "../request/request-context.js";
import type { Login } from "../upstream-auth/login.js";
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
  if (login !== null) return requestWithLogin(context, login, headers, method, target, path);
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

function requestWithLogin(
  { ownHeaders, forwarding, passed, query, route, key, request }: RequestContext,
  login: Login,
  headers: SharedHeaders,
  method: string,
  target: Target,
  path: string,
): UpstreamRequest | IngressErrorCode {
  const sharedHeaders = forwarding === null ? [headers, passed] : [headers, forwarding, passed];
  if (!login.unshiftHeaders(sharedHeaders)) return "credential.unavailable";
  const search = login.query(query.rest);
  return {
    method,
    path: search === "" ? path : `${path}${target.url.hasQuery ? "&" : "?"}${search}`,
    headers: ownHeaders,
    sharedHeaders,
    contentLength: request.head.bodyLength,
    group: route?.apiId ?? "",
    member: key?.id ?? "",
  };
}

function pathOf({ url }: Target, ownHeaders: readonly string[]): string | null {
  if (url.template === null) return url.path;
  const path = url.template.fill(ownHeaders);
  return path === null ? null : path + url.search;
}
