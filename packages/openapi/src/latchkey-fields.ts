/**
 * Fields by which a document says what OpenAPI has no field for, and the sentences that say the same to people at the end of a
 * description (docs/adr/0210). An import reads the fields alone; the sentences of the fields that it found it takes off again.
 */
import { isObject, type Json, type JsonObject } from "./json.js";
import type { RequestLimitModel, RouteLimitsModel } from "./read-model.js";
import type { Cursor } from "./source-cursor.js";

export interface OperationFields {
  /** It is one of those that a route for any method is spelled out to. */
  readonly any: boolean;
  /** Its integration takes WebSockets, whose handshake is a GET. */
  readonly webSockets: boolean;
  /** Null: the route has none of its own. */
  readonly limits: RouteLimitsModel | null;
  /** In a document for Azure, where a catch-all is a bare `*`: what the route calls it. */
  readonly restName: string | null;
}

export interface PathParameterFields {
  /** Segments before this one that belong to the rest of the path, too; null: the parameter is no rest. */
  readonly restSegments: number | null;
  /** What the route calls it, where another operation of the path decided the name in the document. */
  readonly routeName: string | null;
}

const METHOD = "x-latchkey-method";
const WEB_SOCKETS = "x-latchkey-web-sockets";
const LIMITS = "x-latchkey-limits";
const REST_NAME = "x-latchkey-rest-name";
const REST_SEGMENTS = "x-latchkey-rest-segments";
const NAME = "x-latchkey-name";

export function operationFields({ any, webSockets, limits, restName }: OperationFields): JsonObject {
  return {
    ...(any && { [METHOD]: "ANY" }),
    ...(webSockets && { [WEB_SOCKETS]: true }),
    ...(limits !== null && { [LIMITS]: limits as JsonObject }),
    ...(restName !== null && { [REST_NAME]: restName }),
  };
}

export function pathParameterFields({ restSegments, routeName }: PathParameterFields): JsonObject {
  return {
    ...(restSegments !== null && { [REST_SEGMENTS]: restSegments }),
    ...(routeName !== null && { [NAME]: routeName }),
  };
}

/** Whether a path parameter of a document of ours takes the rest of the path, slashes included. */
export function takesRest(parameter: JsonObject): boolean {
  return parameter[REST_SEGMENTS] !== undefined;
}

/** In a fixed order, so that an import can take them off as one text. */
export function operationSentences({
  any,
  webSockets,
  limits,
  restName,
}: OperationFields): readonly string[] {
  const { requestBodyBytesMax: bytes, rateLimit, quota } = limits ?? {};
  return present([
    webSockets && "This route accepts WebSocket connections.",
    any && "This route accepts any method.",
    bytes !== undefined && `The gateway limits request bodies of this route to ${bytes} bytes.`,
    rateLimit !== undefined && `The gateway's rate limit of this route is ${requestsOf(rateLimit)}.`,
    quota !== undefined && `The gateway's quota of this route is ${requestsOf(quota)}.`,
    restName !== null && `The rest of the path reaches the integration as \`${restName}\`.`,
  ]);
}

export function pathParameterSentences({ restSegments, routeName }: PathParameterFields): readonly string[] {
  const before = `, together with the ${restSegments} segment${restSegments === 1 ? "" : "s"} before it`;
  return present([
    restSegments !== null &&
      `Matches the rest of the path, slashes included${restSegments === 0 ? "" : before}.`,
    routeName !== null && `The integration gets it as \`${routeName}\`.`,
  ]);
}

/** What an operation says in fields, which are read then. One whose value is not as it should be stays for the report. */
export function readOperationFields(operation: Cursor, method: string): OperationFields {
  return {
    any: taken(operation, METHOD, (value) => (value === "ANY" ? true : null)) ?? false,
    webSockets:
      (method === "GET" && taken(operation, WEB_SOCKETS, (value) => (value === true ? true : null))) || false,
    limits: taken(operation, LIMITS, limitsOf),
    restName: taken(operation, REST_NAME, nameOf),
  };
}

export function readPathParameterFields(parameter: Cursor): PathParameterFields {
  return {
    restSegments: taken(parameter, REST_SEGMENTS, (value) =>
      Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 100
        ? (value as number)
        : null,
    ),
    routeName: taken(parameter, NAME, nameOf),
  };
}

/** The text with the sentences at its end. */
export function withSentences(text: string, sentences: readonly string[]): string {
  return [text, ...sentences].filter((part) => part !== "").join(" ");
}

/** The reverse; the text as it is where the sentences are not at its end, since an author wrote another one. */
export function withoutSentences(text: string, sentences: readonly string[]): string {
  const end = sentences.join(" ");
  if (end === "" || !text.endsWith(end)) return text;
  const rest = text.slice(0, -end.length);
  if (rest === "") return "";
  return rest.endsWith(" ") ? rest.slice(0, -1) : text;
}

function taken<T>(at: Cursor, key: string, read: (value: Json) => T | null): T | null {
  const value = at.peek(key);
  if (value === undefined) return null;
  const found = read(value);
  if (found !== null) at.child(key)?.take();
  return found;
}

function nameOf(value: Json): string | null {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(value) ? value : null;
}

function limitsOf(value: Json): RouteLimitsModel | null {
  if (!isObject(value)) return null;
  const { requestBodyBytesMax, rateLimit, quota, ...unknown } = value;
  const isUsable =
    Object.keys(unknown).length === 0 &&
    isCountOrAbsent(requestBodyBytesMax) &&
    [rateLimit, quota].every((one) => one === undefined || isRequestLimit(one));
  return isUsable && Object.keys(value).length > 0 ? (value as RouteLimitsModel) : null;
}

function isRequestLimit(value: Json): boolean {
  if (!isObject(value)) return false;
  const { limit, windowSeconds, burst, ...unknown } = value;
  return (
    Object.keys(unknown).length === 0 &&
    limit !== undefined &&
    windowSeconds !== undefined &&
    [limit, windowSeconds, burst].every(isCountOrAbsent)
  );
}

function isCountOrAbsent(value: Json | undefined): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1);
}

function requestsOf({ limit, windowSeconds, burst }: RequestLimitModel): string {
  const atOnce = burst === undefined ? "" : `, at most ${burst} at once`;
  return `${limit} requests in ${windowSeconds} seconds${atOnce}`;
}

function present(sentences: readonly (string | false)[]): readonly string[] {
  return sentences.filter((sentence) => sentence !== false);
}
