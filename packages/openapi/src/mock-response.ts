/**
 * What a mock answers in an Api's name: its examples, or a sample of the response schema; the gateway's own
 * 404 and 405 where no route fits. Matches as the router does, in the slow and obvious way. Sends nothing.
 */
import {
  compareSegments,
  mixedValues,
  normalizePath,
  PROBLEM_CONTENT_TYPE,
  parseRoutePattern,
  problemOf,
  type RouteSegment,
} from "@latchkey/core";
import type { Json, JsonObject } from "./json.js";
import { takesJson } from "./media-range.js";
import { type ApiModel, anyMethods, type RouteModel } from "./read-model.js";
import { downgradeBundle } from "./schema-30.js";
import { bundleSchema, defName, mapRefs } from "./schema-bundle.js";
import { toSchemaObject } from "./schema-normalizer.js";

export interface MockResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** "" for none. */
  readonly body: string;
  /** The operation that answered; null for an answer of the gateway. */
  readonly operationId: string | null;
}

/**
 * @param method any HTTP method, upper case
 * @param path the request's path, without query
 */
export async function mockResponse(model: ApiModel, method: string, path: string): Promise<MockResponse> {
  const normalized = normalizePath(path);
  if (typeof normalized !== "string") return problem("request.path_invalid");
  const trimmed = normalized.length > 1 && normalized.endsWith("/") ? normalized.slice(0, -1) : normalized;
  const routes = matching(model, trimmed);
  if (routes.length === 0) return problem("route.not_found");
  const route = routes.find((one) => one.method === method || one.method === "ANY");
  if (route === undefined) {
    const allowed = new Set<string>(routes.map((one) => one.method));
    return problem("route.method_not_allowed", {
      allow: anyMethods.filter((one) => allowed.has(one)).join(", "),
    });
  }
  return answer(route, method);
}

async function answer(route: RouteModel, method: string): Promise<MockResponse> {
  const { integration, operationId } = route;
  const given = integration.responseContentTypes?.find((type) => !type.includes("*"));
  const type = given ?? "application/json";
  const value = takesJson(type) ? await sampleOf(route) : undefined;
  if (value === undefined) return { status: 204, headers: {}, body: "", operationId };
  const body = `${JSON.stringify(value, null, 2)}\n`;
  return { status: 200, headers: { "content-type": type }, body: method === "HEAD" ? "" : body, operationId };
}

async function sampleOf({ integration }: RouteModel): Promise<Json | undefined> {
  const example = integration.examples?.response;
  if (example !== undefined) return example;
  if (integration.responseSchema === undefined) return undefined;
  const source = { document: integration.responseSchema, tokens: [], dialect: "2020-12" } as const;
  const bundle = downgradeBundle(
    bundleSchema(source, () => {}),
    () => {},
  );
  const rename = (ref: string): string => `#/components/schemas/${defName(ref) ?? "root"}`;
  const schemas = Object.fromEntries(
    [["root", bundle.root] as const, ...bundle.defs].map(([name, schema]) => [
      name === "root" ? "root" : name,
      toSchemaObject(mapRefs(schema, rename)),
    ]),
  );
  const { sample } = await import("openapi-sampler");
  const root = schemas.root as JsonObject;
  return (sample(root as never, { skipWriteOnly: true, quiet: true }, { components: { schemas } }) ??
    null) as Json;
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

function problem(
  code: "request.path_invalid" | "route.not_found" | "route.method_not_allowed",
  headers: { readonly [name: string]: string } = {},
): MockResponse {
  const body = `${JSON.stringify(problemOf(code), null, 2)}\n`;
  return {
    status: problemOf(code).status,
    headers: { "content-type": PROBLEM_CONTENT_TYPE, ...headers },
    body,
    operationId: null,
  };
}
