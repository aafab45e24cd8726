/**
 * Everything the gateway answers by itself, as shared `application/problem+json` responses: one a status,
 * with each code of core's catalogue as an example. Adds nothing to the catalogue.
 */
import {
  type IngressErrorCode,
  ingressErrorCodes,
  PROBLEM_CONTENT_TYPE,
  PROBLEM_TYPE_PREFIX,
  problemOf,
} from "@latchkey/core";
import type { JsonObject, MutableJsonObject } from "./json.js";

export const PROBLEM_SCHEMA_NAME = "Problem";

/** Statuses that only a route with request validation answers. */
const validationCodes: readonly IngressErrorCode[] = [
  "request.media_type_unsupported",
  "request.schema_mismatch",
];

export interface ProblemStatus {
  readonly status: number;
  /** Key under `components.responses`. */
  readonly component: string;
  readonly codes: readonly IngressErrorCode[];
}

/** The statuses of the catalogue in rising order. */
export const problemStatuses: readonly ProblemStatus[] = groupByStatus();

/** The statuses that an operation can be answered with. */
export function problemStatusesOf(validate: boolean): readonly ProblemStatus[] {
  return validate ? problemStatuses : problemStatuses.filter((status) => !isValidationStatus(status));
}

/** True for a status that says: this route validates requests. */
export function isValidationStatus({ codes }: ProblemStatus): boolean {
  return codes.every((code) => validationCodes.includes(code));
}

/** The shared response of one status. */
export function problemResponse({ status, codes }: ProblemStatus): JsonObject {
  const examples: MutableJsonObject = {};
  for (const code of codes) {
    examples[code] = { value: { ...problemOf(code) } as unknown as JsonObject };
  }
  return {
    description: codes.map((code) => problemOf(code).title).join(" "),
    ...headersOf(status),
    content: {
      [PROBLEM_CONTENT_TYPE]: { schema: { $ref: `#/components/schemas/${PROBLEM_SCHEMA_NAME}` }, examples },
    },
  };
}

function headersOf(status: number): JsonObject {
  if (status === 405) {
    return { headers: { Allow: header("The methods that the path has.") } };
  }
  if (status === 429) {
    return { headers: { "Retry-After": header("Seconds after which the limit has room again.") } };
  }
  return {};
}

function header(description: string): JsonObject {
  return { description, schema: { type: "string" } };
}

/** RFC 9457 problem details as core's `problemOf` makes them; the same in 3.0 and 3.1. */
export const problemSchema: JsonObject = {
  title: "Problem",
  description: "What went wrong, said by the gateway (RFC 9457).",
  type: "object",
  required: ["type", "title", "status", "code"],
  properties: {
    type: {
      description: `A stable URI of the kind of problem: \`${PROBLEM_TYPE_PREFIX}\` and the code.`,
      type: "string",
    },
    title: { description: "A sentence for people, the same for every problem of the kind.", type: "string" },
    status: { description: "The HTTP status.", type: "integer" },
    code: { description: "The stable code to tell problems apart by.", type: "string" },
    detail: { description: "A sentence about this very case.", type: "string" },
    requestId: { description: "The InterchangeId of the request, to name to the operator.", type: "string" },
    errors: {
      description: "What is wrong in the request, piece by piece.",
      type: "array",
      items: {
        type: "object",
        required: ["in", "pointer", "detail"],
        properties: {
          in: { type: "string", enum: ["body", "query", "path", "header"] },
          pointer: { description: "A JSON pointer (RFC 6901).", type: "string" },
          detail: { type: "string" },
        },
      },
    },
  },
};

function groupByStatus(): readonly ProblemStatus[] {
  const byStatus = new Map<number, IngressErrorCode[]>();
  for (const code of ingressErrorCodes) {
    const { status } = problemOf(code);
    const codes = byStatus.get(status);
    if (codes === undefined) byStatus.set(status, [code]);
    else codes.push(code);
  }
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) => ({ status, codes, component: `Problem${status}` }));
}
