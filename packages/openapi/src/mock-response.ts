/**
 * What a mock responds in an Api's name: the examples of the operation, or samples of its schemas; the gateway's own 404
 * and 405 where no route fits. Matches as the router does, in the slow and obvious way. Sends nothing.
 */
import {
  compareSegments,
  GATEWAY_ERROR_FIELD,
  type IngressErrorCode,
  ingressErrorCodes,
  mixedValues,
  normalizePath,
  PROBLEM_CONTENT_TYPE,
  parseRoutePattern,
  problemOf,
  type RouteSegment,
} from "@latchkey/core";
import { essenceOf } from "@latchkey/validation";
import { exampleOfMedia } from "./example-of-media.js";
import { describedResponses } from "./gateway-response.js";
import { isObject, type Json, type JsonObject, member } from "./json.js";
import { takesJson } from "./media-range.js";
import { assignSlots } from "./path-slots.js";
import { preferredType } from "./preferred-type.js";
import { type ApiModel, anyMethods, type RouteModel } from "./read-model.js";
import { withSampleHints } from "./sample-hints.js";
import { toOpenApi } from "./to-openapi.js";

export interface MockRequest {
  /** Any HTTP method, upper case. */
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: { readonly [name: string]: string | readonly string[] | undefined };
}

export interface MockResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** "" for none. */
  readonly body: string;
  /** The operation that responded; null for a response of the gateway. */
  readonly operationId: string | null;
}

/**
 * `Prefer: code=404` asks for a status, `Prefer: example=name` for an example, as Prism has it; `Accept` for a media type.
 * Browsers may call from anywhere.
 */
export async function mockResponse(model: ApiModel, request: MockRequest): Promise<MockResponse> {
  const response = await respond(model, request);
  const origin = text(request, "origin");
  if (origin === "") return response;
  return {
    ...response,
    headers: {
      ...response.headers,
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "*",
    },
  };
}

async function respond(model: ApiModel, request: MockRequest): Promise<MockResponse> {
  const { method } = request;
  const normalized = normalizePath(request.path);
  if (typeof normalized !== "string") return problem("request.path_invalid");
  const trimmed = normalized.length > 1 && normalized.endsWith("/") ? normalized.slice(0, -1) : normalized;
  const routes = matching(model, trimmed);
  if (routes.length === 0) return problem("route.not_found");
  const preflight = text(request, "access-control-request-method");
  if (method === "OPTIONS" && preflight !== "") return preflightResponse(request, preflight);
  const route = routes.find((one) => one.method === method || one.method === "ANY");
  if (route === undefined) {
    const allowed = new Set<string>(routes.map((one) => one.method));
    return problem("route.method_not_allowed", {
      allow: anyMethods.filter((one) => allowed.has(one)).join(", "),
    });
  }
  return responseOf(model, route, request);
}

function preflightResponse(request: MockRequest, method: string): MockResponse {
  const headers = {
    "access-control-allow-methods": method,
    "access-control-allow-headers": text(request, "access-control-request-headers") || "*",
    "access-control-max-age": "600",
  };
  return { status: 204, headers, body: "", operationId: null };
}

async function responseOf(model: ApiModel, route: RouteModel, request: MockRequest): Promise<MockResponse> {
  const { operationId } = route;
  const { document, operations } = documentOf(model);
  const operation = operations.get(route)?.get(request.method) ?? {};
  const responses = describedResponses(document, (member(operation, "responses") ?? {}) as JsonObject);
  const preferences = preferencesOf(text(request, "prefer"));
  const found = statusOf(responses, preferences.get("code"));
  if (found === null) return problem(codeOf(Number(preferences.get("code"))) as IngressErrorCode);
  const { status, response } = found;
  const content = (member(response, "content") ?? {}) as JsonObject;
  const types = Object.keys(content).filter((type) => type !== "*/*" || takesJson(type));
  const type = preferredType(types, text(request, "accept"));
  // RFC 9110 §15.5.7: nothing that the client takes.
  if (type === null && types.length > 0) return { status: 406, headers: {}, body: "", operationId };
  const media = type === null ? undefined : member(content, type);
  const value = isObject(media)
    ? await exampleOfMedia(media, document, preferences.get("example"))
    : undefined;
  const isEmpty = value === undefined || type === null;
  if (isEmpty) return { status: status === 200 ? 204 : status, headers: {}, body: "", operationId };
  const headers = { "content-type": sentType(type) };
  return { status, headers, body: request.method === "HEAD" ? "" : bodyOf(type, value), operationId };
}

/** A range is no type to send. */
function sentType(type: string): string {
  if (!type.includes("*")) return type;
  return takesJson(type) || !essenceOf(type).startsWith("text/") ? "application/json" : "text/plain";
}

function bodyOf(type: string, value: Json): string {
  if (typeof value === "string" && !takesJson(type)) return value;
  return `${JSON.stringify(value, null, 2)}\n`;
}

interface Found {
  readonly status: number;
  readonly response: JsonObject;
}

/** The response of the status that is asked for, or of the first success; null: the gateway's own. */
function statusOf(responses: JsonObject, code: string | undefined): Found | null {
  const at = (key: string): JsonObject | undefined => {
    const response = member(responses, key);
    return isObject(response) ? response : undefined;
  };
  // 1xx end no response (RFC 9110 §15.2): clients would wait for another one.
  if (code !== undefined && /^[2-5]\d\d$/.test(code)) {
    const response = at(code) ?? at(`${code.charAt(0)}XX`) ?? at("default");
    if (response !== undefined) return { status: Number(code), response };
    if (codeOf(Number(code)) !== undefined) return null;
  }
  const success = Object.keys(responses)
    .filter((key) => key.startsWith("2"))
    .sort()[0];
  const key = success ?? "default";
  const status = /^\d{3}$/.test(key) ? Number(key) : 200;
  return { status, response: at(key) ?? {} };
}

function codeOf(status: number): IngressErrorCode | undefined {
  return ingressErrorCodes.find((code) => problemOf(code).status === status);
}

/** Preferences by name (RFC 7240): `code=404, example="large order"`. */
function preferencesOf(header: string): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const [, name = "", quoted, plain] of header.matchAll(
    /([a-z][a-z-]{0,30})=(?:"([^"]{0,200})"|([^\s,;"]{1,200}))/gi,
  ))
    if (!preferences.has(name.toLowerCase())) preferences.set(name.toLowerCase(), quoted ?? plain ?? "");
  return preferences;
}

function text({ headers = {} }: MockRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : (value ?? []).join(", ");
}

interface MockDocument {
  readonly document: JsonObject;
  readonly operations: ReadonlyMap<RouteModel, ReadonlyMap<string, JsonObject>>;
}

const documents = new WeakMap<ApiModel, MockDocument>();

/** Made once for a model, which does not change. */
function documentOf(model: ApiModel): MockDocument {
  const known = documents.get(model);
  if (known !== undefined) return known;
  const document = withSampleHints(toOpenApi(model, { version: "3.1", shareParts: false }));
  const operations = new Map<RouteModel, Map<string, JsonObject>>();
  for (const { path, slots } of assignSlots(model.routes, { starForRest: false }, () => {})) {
    for (const { route, method } of slots) {
      const operation = ((document.paths as JsonObject)[path] as JsonObject)[
        method.toLowerCase()
      ] as JsonObject;
      const byMethod = operations.get(route) ?? new Map<string, JsonObject>();
      operations.set(route, byMethod.set(method, operation));
    }
  }
  const made = { document, operations };
  documents.set(model, made);
  return made;
}

/** The routes that match, best first, as docs/routing.md says. */
function matching(model: ApiModel, path: string): readonly RouteModel[] {
  const texts = path === "/" ? [] : path.slice(1).split("/");
  const found: Match[] = [];
  for (const route of model.routes) {
    const pattern = parseRoutePattern(route.path);
    if (!pattern.ok) continue;
    const { segments } = pattern.value;
    if (matches(segments, texts)) found.push({ segments, route });
  }
  return found.sort(byPrecedence).map(({ route }) => route);
}

function matches(segments: readonly RouteSegment[], texts: readonly string[]): boolean {
  for (const [index, segment] of segments.entries()) {
    const text = texts[index];
    if (text === undefined || text === "") return false;
    if (segment.kind === "rest") return true;
    if (segment.kind === "static" && segment.text !== text) return false;
    if (segment.kind === "mixed" && mixedValues(segment, text) === null) return false;
  }
  return segments.length === texts.length;
}

interface Match {
  readonly segments: readonly RouteSegment[];
  readonly route: RouteModel;
}

function byPrecedence(one: Match, other: Match): number {
  for (const [index, segment] of one.segments.entries()) {
    const there = other.segments[index];
    const order = there === undefined ? 0 : compareSegments(segment, there);
    if (order !== 0) return order;
  }
  return Number(one.route.method === "ANY") - Number(other.route.method === "ANY");
}

function problem(code: IngressErrorCode, headers: { readonly [name: string]: string } = {}): MockResponse {
  const body = `${JSON.stringify(problemOf(code), null, 2)}\n`;
  return {
    status: problemOf(code).status,
    headers: { "content-type": PROBLEM_CONTENT_TYPE, [GATEWAY_ERROR_FIELD]: code, ...headers },
    body,
    operationId: null,
  };
}
