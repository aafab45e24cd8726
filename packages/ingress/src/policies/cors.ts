/**
 * CORS (Fetch standard, section 3.3): responds to preflight requests, and says which lines of a response let pages read it.
 * Refuses nothing: what a page sends without permission, any other client may send too, since it needs the key.
 */
import { ANY_ORIGIN, type CorsPolicy, GATEWAY_ERROR_FIELD, isToken } from "@latchkey/core";
import { INTERCHANGE_ID } from "../request/interchange-id.js";
import { AllowedOrigins, allowsOrigin, type OriginRules } from "../table/allowed-origins.js";

/** The gateway's own headers that pages may always read. */
const OWN_HEADERS = [INTERCHANGE_ID, GATEWAY_ERROR_FIELD, "retry-after", "ratelimit", "ratelimit-policy"];
const EXPOSED = OWN_HEADERS.join(", ");

const VARY = ["vary", "Origin"] as const;
const NO_LINES: readonly string[] = [];
/** Names in a preflight request; browsers send what a page asked for. */
const NAMES_MAX = 100;

export interface Preflight {
  readonly origin: string;
  readonly method: string;
  /** In lower case. */
  readonly headers: readonly string[];
}

/** Null: the request is no preflight request. */
export function preflightOf(method: string, fields: readonly string[]): Preflight | null {
  if (method !== "OPTIONS") return null;
  const origin = singleValue(fields, "origin");
  const requested = singleValue(fields, "access-control-request-method");
  if (origin === null || requested === null || !isToken(requested)) return null;
  const names = (singleValue(fields, "access-control-request-headers") ?? "")
    .toLowerCase()
    .split(",", NAMES_MAX)
    .map((name) => name.trim());
  return { origin, method: requested, headers: names.filter(isToken) };
}

export class Cors {
  readonly #keyHeader: string;

  /** @param keyHeader in lower case: pages may always set it */
  constructor(keyHeader: string) {
    this.#keyHeader = keyHeader;
  }

  /** The response to a preflight request that names no API, from what all allow; null: none allows the origin. */
  permission(preflight: Preflight, origins: AllowedOrigins): readonly string[] | null {
    const rules = origins.rulesFor(preflight.origin);
    return rules === null ? null : this.#fieldsOf(preflight, rules);
  }

  /** The response to a preflight request with a webhook key in its URL: by the policy of the key's API. */
  ownPermission(preflight: Preflight, policy: CorsPolicy): readonly string[] {
    const origins = new AllowedOrigins();
    origins.add(policy);
    return this.permission(preflight, origins) ?? VARY;
  }

  /** The lines of a response of an API with a policy. Its integration's own CORS headers go. */
  linesOf(policy: CorsPolicy, fields: readonly string[]): readonly string[] {
    let exposed = EXPOSED;
    for (const name of policy.exposedHeaders) exposed += `, ${name}`;
    if (policy.origins.includes(ANY_ORIGIN))
      return ["access-control-allow-origin", ANY_ORIGIN, "access-control-expose-headers", exposed];
    const origin = singleValue(fields, "origin");
    if (origin === null || !allowsOrigin(policy, origin)) return VARY;
    const lines = ["access-control-allow-origin", origin, "vary", "Origin"];
    lines.push("access-control-expose-headers", exposed);
    if (policy.credentials) lines.push("access-control-allow-credentials", "true");
    return lines;
  }

  /** The lines of a refusal before an API is known: pages that any API allows may read why. */
  linesWithoutApi(origins: AllowedOrigins, fields: readonly string[]): readonly string[] {
    const origin = singleValue(fields, "origin");
    const rules = origin === null ? null : origins.rulesFor(origin);
    if (rules === null) return VARY;
    return [
      "access-control-allow-origin",
      rules.allowOrigin,
      ...VARY,
      "access-control-expose-headers",
      EXPOSED,
    ].concat(rules.credentials ? ["access-control-allow-credentials", "true"] : NO_LINES);
  }

  #fieldsOf({ method, headers }: Preflight, rules: OriginRules): readonly string[] {
    const lines = [
      "access-control-allow-origin",
      rules.allowOrigin,
      "vary",
      "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    ];
    if (rules.allowsMethod(method)) lines.push("access-control-allow-methods", method);
    const allowed = headers.filter((name) => name === this.#keyHeader || rules.allowsHeader(name));
    if (allowed.length > 0) lines.push("access-control-allow-headers", allowed.join(", "));
    if (rules.credentials) lines.push("access-control-allow-credentials", "true");
    lines.push("access-control-max-age", String(rules.maxAgeSeconds));
    return lines;
  }
}

/** The lines of an integration's response with `corsLines` in place of its CORS headers: the API's policy says what pages may read. */
export function withCors(list: readonly string[], corsLines: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    if (!name.startsWith("access-control-")) lines.push(name, list[i + 1] as string);
  }
  for (let i = 0; i < corsLines.length; i++) lines.push(corsLines[i] as string);
  return lines;
}

/** Null when the header is not there, or more than once. */
function singleValue(list: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] !== name) continue;
    if (value !== null) return null;
    value = list[i + 1] as string;
  }
  return value;
}
