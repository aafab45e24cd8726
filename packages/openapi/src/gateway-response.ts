/**
 * What the gateway responds by itself, said once: a `default` response of every operation, with each code of core's
 * catalog as an example. The same `default` covers responses of the integration that the document does not describe, so
 * it admits anything. Adds nothing to the catalog.
 */
import { ingressErrorCodes, PROBLEM_CONTENT_TYPE, PROBLEM_TYPE_PREFIX, problemOf } from "@latchkey/core";
import {
  equalJson,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  valueAt,
} from "./json.js";
import type { Cursor } from "./source-cursor.js";

/** Key under `components.responses`. */
export const GATEWAY_RESPONSE_NAME = "Gateway";

const PROBLEM_NAMES = ["Problem", "GatewayProblem"] as const;

/** A name for the schema of problems that no schema of the document has. */
export function problemName(taken: (name: string) => boolean): string {
  for (const name of PROBLEM_NAMES) if (!taken(name)) return name;
  for (let n = 2; ; n++) if (!taken(`${PROBLEM_NAMES[1]}-${n}`)) return `${PROBLEM_NAMES[1]}-${n}`;
}

const statuses: ReadonlySet<string> = new Set(
  ingressErrorCodes.map((code) => String(problemOf(code).status)),
);
const ranges: ReadonlySet<string> = new Set([...statuses].map((status) => `${status.charAt(0)}XX`));

/** True for a status by which the gateway responds, and for the ranges and the default that contain one. */
export function isGatewayStatus(status: string): boolean {
  return status === "default" || statuses.has(status) || ranges.has(status);
}

/** The media type object of the gateway's problems, beside what the document describes for the status. */
export function problemMedia(schemaName: string): JsonObject {
  return { schema: { $ref: `#/components/schemas/${schemaName}` } };
}

/** The `default` response. */
export function gatewayResponse(
  schemaName: string,
  options: { readonly examples: boolean } = { examples: true },
): JsonObject {
  const examples: MutableJsonObject = {};
  for (const code of ingressErrorCodes)
    examples[code] = { value: { ...problemOf(code) } as unknown as JsonObject };
  return {
    description:
      "A response of the gateway, which has the header `Latchkey-Error`, or a response of the integration that is not described here.",
    headers: gatewayHeaders,
    content: {
      [PROBLEM_CONTENT_TYPE]: { ...problemMedia(schemaName), ...(options.examples ? { examples } : {}) },
      "*/*": {},
    },
  };
}

/** Responses of a document of ours without the gateway's: its default, and its problem beside what is described. */
export function describedResponses(document: JsonObject, responses: JsonObject): JsonObject {
  const described: MutableJsonObject = {};
  for (const [status, response] of Object.entries(responses)) {
    if (!isObject(response) || response.$ref !== undefined) continue;
    const { content, ...rest } = response;
    const kept = Object.entries((content ?? {}) as JsonObject).filter(
      ([, media]) => !isProblemMedia(document, media),
    );
    described[status] = kept.length === 0 ? rest : { ...rest, content: Object.fromEntries(kept) };
  }
  return described;
}

const gatewayHeaders: JsonObject = {
  "Latchkey-Error": header("The problem's `code`. Only responses of the gateway have it."),
  InterchangeId: header("The id of the request. Every response has it; name it to the operator."),
  "Retry-After": header("Seconds after which to try again, with 429 and 503."),
  RateLimit: header(
    "What is left of the tightest limits, and the seconds until they start anew. Where there are limits, each response has it.",
  ),
  "RateLimit-Policy": header("The tightest limits: of the key, the API, the route or the integration."),
  Allow: header("With 405: the methods that the path has."),
  "WWW-Authenticate": header("With 401: which credential is missing or not valid."),
};

function header(description: string): JsonObject {
  return { description, schema: { type: "string" } };
}

/**
 * RFC 9457 problem details as core's `problemOf` makes them; the same in 3.0 and 3.1. Integrations respond with problem
 * details too, so nothing is required, and members that the RFC does not name may have any of their usual forms.
 */
export const problemSchema: JsonObject = {
  title: "Problem",
  description: "What went wrong (RFC 9457). Problems of the gateway have a `code`.",
  type: "object",
  properties: {
    type: {
      description: `A stable URI of the kind of problem; of the gateway's, \`${PROBLEM_TYPE_PREFIX}\` and the code.`,
      type: "string",
    },
    title: { description: "A sentence for people, the same for every problem of the kind.", type: "string" },
    status: { description: "The HTTP status.", type: "integer" },
    detail: { description: "A sentence about this very case.", type: "string" },
    code: { description: "The stable code to tell the gateway's problems apart by.", type: "string" },
    requestId: { description: "The InterchangeId of the request, to name to the operator.", type: "string" },
    errors: {
      description: "What is wrong in the request, piece by piece.",
      anyOf: [
        {
          type: "array",
          items: {
            type: "object",
            properties: {
              in: { description: "`body`, `query`, `path` or `header`.", type: "string" },
              pointer: { description: "A JSON pointer (RFC 6901).", type: "string" },
              detail: { type: "string" },
            },
          },
        },
        { type: "object" },
      ],
    },
  },
};

/** True for the `default` response that documents of ours have. */
export function isOwnDefault(response: Cursor): boolean {
  const content = response.peek("content");
  const name = isObject(content)
    ? problemSchemaName(response.source.root, member(content, PROBLEM_CONTENT_TYPE))
    : null;
  return (
    name !== null &&
    [true, false].some((examples) => equalJson(response.value, gatewayResponse(name, { examples })))
  );
}

/** True for the gateway's problem as a media type of a response, as documents of ours have it. */
export function isProblemMedia(document: JsonObject, media: Json | undefined): boolean {
  const name = problemSchemaName(document, media);
  return name !== null && equalJson(media, problemMedia(name));
}

/** The schema that a media type object refers to, if it is the gateway's problem. */
function problemSchemaName(document: JsonObject, media: unknown): string | null {
  const schema = isObject(media) ? member(media, "schema") : undefined;
  const ref = isObject(schema) ? member(schema, "$ref") : undefined;
  const name = typeof ref === "string" ? ref.split("/").at(-1) : undefined;
  if (name === undefined || ref !== `#/components/schemas/${name}`) return null;
  return equalJson(valueAt(document, ["components", "schemas", name]), problemSchema) ? name : null;
}
