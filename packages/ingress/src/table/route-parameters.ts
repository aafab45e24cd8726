/**
 * The schemas of a route's path and query parameters: compiled when the first request comes, and never again for the
 * same schemas. Says nothing of bodies: those are the integration's.
 */
import type { ParameterValue } from "@latchkey/snapshot";
import { type RequestChecker, RequestCheckers, type RequestSchemas } from "@latchkey/validation";

/** One for the process: an API that is applied anew mostly has the schemas it had. */
const checkers = new RequestCheckers();

export class RouteParameters {
  readonly #values: readonly ParameterValue[];
  #checker: RequestChecker | "unusable" | null = null;

  constructor(values: readonly ParameterValue[]) {
    this.#values = values;
  }

  /** HOT after the first call. `unusable`: a schema is no schema. */
  get checker(): RequestChecker | "unusable" {
    this.#checker ??= checkerOf(this.#values);
    return this.#checker;
  }
}

function checkerOf(values: readonly ParameterValue[]): RequestChecker | "unusable" {
  try {
    return checkers.of(toSchemas(values));
  } catch {
    return "unusable";
  }
}

/** Throws SyntaxError when a schema is no JSON. */
function toSchemas(values: readonly ParameterValue[]): RequestSchemas {
  const schemaOf = ({ schema }: ParameterValue): { schema?: unknown } =>
    schema === null ? {} : { schema: JSON.parse(schema) as unknown };
  const placed = (place: ParameterValue["place"]) => values.filter((value) => value.place === place);
  return {
    path: Object.fromEntries(placed("path").map((value) => [value.name, schemaOf(value)])),
    query: placed("query").map((value) => ({
      name: value.name,
      required: value.required,
      ...schemaOf(value),
    })),
  };
}
