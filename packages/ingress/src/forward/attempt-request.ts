/** What one attempt sends to its target. */
import { bodyDigestOf, EMPTY_BODY_DIGEST, type IngressErrorCode } from "@latchkey/core";
import type { UpstreamRequest } from "@latchkey/http1";
import type { RequestContext } from "../request/request-context.js";
import type { AwsCredential, SignableRequest } from "../upstream-auth/aws-credential.js";
import type { Integration } from "./integration.js";
import { withoutParameters } from "./query-parameters.js";
import type { RequestBody } from "./request-body.js";
import type { Target } from "./target.js";

/** @returns a code: the parameters of the route cannot fill the target's URL, or the credential cannot be used any more */
export function attemptRequest(
  context: RequestContext,
  integration: Integration,
  method: string,
  target: Target,
  body: RequestBody | null,
): UpstreamRequest | IngressErrorCode {
  const { ownHeaders, forwarding, passed, query, route, key } = context;
  const path = pathOf(target, ownHeaders);
  if (path === null) return "integration.unavailable";
  const { headers, login } = integration;
  if (!target.url.isTls && login?.needsTls === true) return "credential.unavailable";
  const sharedHeaders = forwarding === null ? [headers, passed] : [headers, forwarding, passed];
  if (login !== null && !login.pushHeaders(sharedHeaders)) return "credential.unavailable";
  const { queryNames } = target.url;
  // What the integration's owner has set is not the client's to set.
  const own = queryNames === null ? query.rest : withoutParameters(query.rest, queryNames);
  const search = login === null ? own : login.query(own);
  const request = {
    method: context.isWebSocket ? "GET" : method,
    path: search === "" ? path : `${path}${queryNames === null ? "?" : "&"}${search}`,
    headers: ownHeaders,
    sharedHeaders,
    contentLength: body?.isWhole === true ? body.bytes : context.request.head.bodyLength,
    group: route?.apiId ?? "",
    member: key?.id ?? "",
    upgrade: context.isWebSocket ? "websocket" : undefined,
  };
  const signer = login === null ? null : login.signer;
  return (signer === null ? null : sign(request, signer, target, body)) ?? request;
}

/** Anew for each attempt: it has the time. @returns null: the request is signed */
function sign(
  request: SignableRequest,
  signer: AwsCredential,
  { url }: Target,
  body: RequestBody | null,
): IngressErrorCode | null {
  let digest: string | null = EMPTY_BODY_DIGEST;
  if (body !== null) {
    if (!signer.signsBody(url.isTls)) digest = null;
    else if (body.isWhole) digest = bodyDigestOf(body.pieces);
    else return "credential.unavailable"; // the credential changed while the body came
  }
  signer.sign(request, url.hostHeader, digest);
  return null;
}

function pathOf({ url }: Target, ownHeaders: readonly string[]): string | null {
  if (url.template === null) return url.path;
  const path = url.template.fill(ownHeaders);
  return path === null ? null : path + url.search;
}
