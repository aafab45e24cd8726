/**
 * The catalogue of everything that can go wrong at an edge: code → status, title, owner, retry rule.
 * Edges match on codes, never on messages. docs/failure-modes.md explains each one (a test holds them together).
 */

/** Who has to act: the caller, the owner of the upstream, or the operator of Latchkey. */
export type ErrorOwner = "client" | "upstream" | "gateway";

/** `never`: the same request fails again; `later`: may pass after a while; `if-unsent`: only if nothing was sent upstream. */
export type RetryRule = "never" | "later" | "if-unsent";

export interface ErrorSpec {
  /** HTTP status of the problem+json response (RFC 9457). */
  readonly status: number;
  /** Public, stable, says nothing of the inside. */
  readonly title: string;
  readonly owner: ErrorOwner;
  readonly retry: RetryRule;
}

/** Codes of the data plane: the ingress' own responses. */
export const ingressErrors = {
  "request.malformed": { status: 400, title: "The request is malformed.", owner: "client", retry: "never" },
  "request.framing_invalid": {
    status: 400,
    title: "The request's body framing is ambiguous or invalid.",
    owner: "client",
    retry: "never",
  },
  "request.path_invalid": {
    status: 400,
    title: "The request path is not allowed.",
    owner: "client",
    retry: "never",
  },
  "request.body_malformed": {
    status: 400,
    title: "The request body cannot be parsed.",
    owner: "client",
    retry: "never",
  },
  "key.missing": { status: 401, title: "An API key is required.", owner: "client", retry: "never" },
  "key.unknown": { status: 401, title: "The API key is not known.", owner: "client", retry: "never" },
  "token.invalid": {
    status: 401,
    title: "A valid bearer token is required.",
    owner: "client",
    retry: "never",
  },
  "key.disabled": { status: 403, title: "The API key is disabled.", owner: "client", retry: "never" },
  "key.expired": { status: 403, title: "The API key has expired.", owner: "client", retry: "never" },
  "request.address_denied": {
    status: 403,
    title: "Requests from this address are not allowed.",
    owner: "client",
    retry: "never",
  },
  "key.scope_denied": {
    status: 403,
    title: "The API key may not use this method and path.",
    owner: "client",
    retry: "never",
  },
  "route.not_found": {
    status: 404,
    title: "No route of this API matches the path.",
    owner: "client",
    retry: "never",
  },
  "route.method_not_allowed": {
    status: 405,
    title: "The path exists, but not for this method.",
    owner: "client",
    retry: "never",
  },
  "request.timeout": {
    status: 408,
    title: "The request did not arrive in time.",
    owner: "client",
    retry: "later",
  },
  "request.body_too_large": {
    status: 413,
    title: "The request body is too large.",
    owner: "client",
    retry: "never",
  },
  "request.uri_too_long": {
    status: 414,
    title: "The request target is too long.",
    owner: "client",
    retry: "never",
  },
  "request.media_type_unsupported": {
    status: 415,
    title: "The content type is not accepted by this route.",
    owner: "client",
    retry: "never",
  },
  "request.expectation_failed": {
    status: 417,
    title: "The expectation cannot be met.",
    owner: "client",
    retry: "never",
  },
  "request.schema_mismatch": {
    status: 422,
    title: "The request does not match the route's schema.",
    owner: "client",
    retry: "never",
  },
  "key.rate_limited": {
    status: 429,
    title: "The key's rate limit is used up.",
    owner: "client",
    retry: "later",
  },
  "key.quota_exhausted": {
    status: 429,
    title: "The key's quota is used up.",
    owner: "client",
    retry: "later",
  },
  "api.rate_limited": {
    status: 429,
    title: "The API's rate limit is used up.",
    owner: "client",
    retry: "later",
  },
  "api.quota_exhausted": {
    status: 429,
    title: "The API's quota is used up.",
    owner: "client",
    retry: "later",
  },
  "route.rate_limited": {
    status: 429,
    title: "The route's rate limit is used up.",
    owner: "client",
    retry: "later",
  },
  "route.quota_exhausted": {
    status: 429,
    title: "The route's quota is used up.",
    owner: "client",
    retry: "later",
  },
  "integration.rate_limited": {
    status: 429,
    title: "The integration's rate limit is used up.",
    owner: "client",
    retry: "later",
  },
  "integration.quota_exhausted": {
    status: 429,
    title: "The integration's quota is used up.",
    owner: "client",
    retry: "later",
  },
  "key.concurrency_limited": {
    status: 429,
    title: "Too many requests with this key are in flight.",
    owner: "client",
    retry: "later",
  },
  "subscription.concurrency_limited": {
    status: 429,
    title: "Too many requests of this subscription are in flight.",
    owner: "client",
    retry: "later",
  },
  "request.headers_too_large": {
    status: 431,
    title: "The request headers are too large.",
    owner: "client",
    retry: "never",
  },
  "gateway.internal": { status: 500, title: "The gateway failed.", owner: "gateway", retry: "later" },
  "request.transfer_coding_unsupported": {
    status: 501,
    title: "The transfer coding is not supported.",
    owner: "client",
    retry: "never",
  },
  "upstream.connect_refused": {
    status: 502,
    title: "The integration cannot be reached.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.dns_failed": {
    status: 502,
    title: "The integration's host name does not resolve.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.tls_failed": {
    status: 502,
    title: "The TLS handshake with the integration failed.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.certificate_refused": {
    status: 502,
    title: "The integration's certificate is not accepted.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.reset": {
    status: 502,
    title: "The integration broke the connection.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.protocol_error": {
    status: 502,
    title: "The integration responded with something that is not valid HTTP.",
    owner: "upstream",
    retry: "never",
  },
  "upstream.response_too_large": {
    status: 502,
    title: "The integration's response is too large.",
    owner: "upstream",
    retry: "never",
  },
  "upstream.response_invalid": {
    status: 502,
    title: "The integration's response does not match the API's description.",
    owner: "upstream",
    retry: "never",
  },
  "upstream.address_refused": {
    status: 502,
    title: "The integration's address is not allowed.",
    owner: "gateway",
    retry: "never",
  },
  "gateway.upgrade_unsupported": {
    status: 501,
    title: "This node cannot switch to WebSocket.",
    owner: "gateway",
    retry: "never",
  },
  "gateway.not_ready": {
    status: 503,
    title: "The gateway has no configuration yet.",
    owner: "gateway",
    retry: "later",
  },
  "token.issuer_unavailable": {
    status: 503,
    title: "The issuer of bearer tokens cannot be asked for its keys.",
    owner: "gateway",
    retry: "later",
  },
  "gateway.stale": {
    status: 503,
    title: "The gateway's configuration is too old to be trusted.",
    owner: "gateway",
    retry: "later",
  },
  "gateway.overloaded": {
    status: 503,
    title: "The gateway is overloaded.",
    owner: "gateway",
    retry: "later",
  },
  "gateway.draining": {
    status: 503,
    title: "The gateway is shutting down.",
    owner: "gateway",
    retry: "later",
  },
  "upstream.token_unavailable": {
    status: 502,
    title: "The integration's token server gives no token.",
    owner: "upstream",
    retry: "later",
  },
  "upstream.ejected": {
    status: 503,
    title: "The integration is out of rotation for now.",
    owner: "upstream",
    retry: "later",
  },
  "upstream.overloaded": {
    status: 503,
    title: "Too many requests wait for the integration.",
    owner: "upstream",
    retry: "later",
  },
  "upstream.queue_timeout": {
    status: 503,
    title: "No connection to the integration became free in time.",
    owner: "upstream",
    retry: "later",
  },
  "integration.unavailable": {
    status: 503,
    title: "The route's integration is not usable on this node.",
    owner: "gateway",
    retry: "later",
  },
  "credential.unavailable": {
    status: 503,
    title: "The integration's credential is not usable on this node.",
    owner: "gateway",
    retry: "later",
  },
  "upstream.connect_timeout": {
    status: 504,
    title: "The integration did not accept a connection in time.",
    owner: "upstream",
    retry: "if-unsent",
  },
  "upstream.timeout": {
    status: 504,
    title: "The integration did not respond in time.",
    owner: "upstream",
    retry: "never",
  },
  "upstream.loop_detected": {
    status: 508,
    title: "The integration leads back to the gateway.",
    owner: "upstream",
    retry: "never",
  },
} as const satisfies Record<string, ErrorSpec>;

export type IngressErrorCode = keyof typeof ingressErrors;

/** All ingress codes, in catalogue order. */
export const ingressErrorCodes = Object.keys(ingressErrors) as IngressErrorCode[];

/** Looks up a code; every code has a spec. */
export function errorSpec(code: IngressErrorCode): ErrorSpec {
  return ingressErrors[code];
}

/** Codes of refusals on the control plane: the `code` of a GraphQL user error. */
export const userErrorCodes = [
  "INVALID",
  "REQUIRED",
  "TOO_LONG",
  "TOO_MANY",
  "NOT_FOUND",
  "CONFLICT",
  "IN_USE",
  "DUPLICATE_ROUTE",
  "INTEGRATION_UNKNOWN",
  "INTEGRATION_NOT_ROUTABLE",
  "INTEGRATION_OF_OTHER_SUBSCRIPTION",
  "PATH_MALFORMED",
  "URL_INVALID",
  "URL_ADDRESS_REFUSED",
  "NOT_RECOVERABLE",
  "IDEMPOTENCY_KEY_REUSED",
  "STORAGE_FULL",
  "IMPORT_FAILED",
] as const;

export type UserErrorCode = (typeof userErrorCodes)[number];
