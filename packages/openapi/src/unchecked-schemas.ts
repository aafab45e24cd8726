/**
 * Schemas of requests that are too large to be checked, with all that they refer to: they are left out of the operation, so
 * that a node can check the rest of a request. Those of responses stay: responses are checked only where a route asks for it.
 */
import type { ImportReport } from "./import-report.js";
import { pointerOf } from "./json.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import type { JsonSchema, OperationModel } from "./read-model.js";

/** Why a schema is too large to be checked with the shared schemas that it reaches, or null. */
export type SizeFault = (
  schema: JsonSchema,
  schemas: { readonly [name: string]: JsonSchema },
) => string | null;

export class UncheckedSchemas {
  readonly #schemas: { readonly [name: string]: JsonSchema };
  readonly #fault: SizeFault;
  readonly #report: ImportReport;
  /** Operations often have the same reference. */
  readonly #known = new Map<string, string | null>();

  constructor(schemas: { readonly [name: string]: JsonSchema }, fault: SizeFault, report: ImportReport) {
    this.#schemas = schemas;
    this.#fault = fault;
    this.#report = report;
  }

  /** @param pointer of the operation in the document */
  leaveOut(operation: OperationModel, pointer: string, name: string): OperationModel {
    return mapOperationSchemas(operation, (schema, tokens) => {
      const fault = tokens[0] === "responses" ? null : this.#faultOf(schema);
      if (fault === null) return schema;
      const place = tokens[0] === "parameters" ? "a parameter" : "the body";
      this.#report.add(
        "behavior",
        "schema.too_large_to_check",
        pointer + pointerOf([String(tokens[0])]),
        `Requests to ${name} are not checked against the schema of ${place}: ${fault}. It is left out.`,
      );
      return {};
    });
  }

  #faultOf(schema: JsonSchema): string | null {
    const key = JSON.stringify(schema);
    let fault = this.#known.get(key);
    if (fault === undefined) {
      fault = this.#fault(schema, this.#schemas);
      this.#known.set(key, fault);
    }
    return fault;
  }
}
