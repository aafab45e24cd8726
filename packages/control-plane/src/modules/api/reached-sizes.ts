/**
 * Whether nodes can check what a route asks them to check: a schema and all the shared schemas that it reaches may be too
 * large together, although each of them is small. Checks sizes only.
 */
import { schemaSizeFault } from "@latchkey/validation";
import type { Problems } from "../../errors/user-error.js";
import type { FieldPath } from "../../forms/form.js";
import { schemasOf } from "./operation-form.js";
import { hasSharedReference } from "./shared-schemas.js";

export interface CheckedParts {
  readonly requests: boolean;
  readonly responses: boolean;
}

export class ReachedSizes {
  readonly #text: string | null;
  #schemas: { readonly [name: string]: unknown } | null = null;
  /** Operations often have the same reference: by text. */
  readonly #known = new Map<string, string | null>();

  /** @param schemas JSON text of the Api's shared schemas, or null */
  constructor(schemas: string | null) {
    this.#text = schemas;
  }

  /** @param operation JSON text */
  check(
    problems: Problems,
    field: FieldPath,
    operation: string,
    { requests, responses }: CheckedParts,
  ): void {
    if (!(requests || responses) || !hasSharedReference(operation)) return;
    for (const { path, schema } of schemasOf(JSON.parse(operation) as object)) {
      const isResponse = path[0] === "responses";
      if (!(isResponse ? responses : requests)) continue;
      const fault = this.#faultOf(schema);
      if (fault === null) continue;
      const [noun, setting] = isResponse ? ["Responses", "responseValidation"] : ["Requests", "validate"];
      problems.add(
        "INVALID",
        [...field, ...path],
        `${noun} cannot be checked against this schema: ${fault}. Make it smaller, or switch \`${setting}\` off.`,
      );
    }
  }

  #faultOf(schema: unknown): string | null {
    const key = JSON.stringify(schema);
    let fault = this.#known.get(key);
    if (fault === undefined) {
      this.#schemas ??= JSON.parse(this.#text ?? "{}") as { readonly [name: string]: unknown };
      fault = schemaSizeFault(schema, this.#schemas);
      this.#known.set(key, fault);
    }
    return fault;
  }
}
