/** The operations of a document as an import reads them. */
import { fromOpenApi, type JsonObject } from "@latchkey/openapi";
import { type OperationSchemas, type ParameterSchema, schemaFault } from "@latchkey/validation";

export type Json = { readonly [key: string]: unknown };

export interface DocumentOperation {
  /** Upper case. */
  readonly method: string;
  /** As the document writes it. */
  readonly path: string;
  /** Of its route. */
  readonly pattern: string;
  /** With the schemas that the API's operations share. */
  readonly schemas: OperationSchemas;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function operationsOf(document: Json): DocumentOperation[] {
  const { model, routes, report } = fromOpenApi(document as JsonObject, {
    schemaFault: (schema) => schemaFault(schema),
  });
  if (model === null) throw new Error(JSON.stringify(report.slice(0, 3)));
  return routes.flatMap((route, i) => {
    const { operation } = model.routes[i] ?? {};
    const [, , path = "", method = ""] = route.pointer.split("/").map(unescaped);
    const parameters = (operation?.parameters ?? []) as readonly ParameterSchema[];
    // A parameter that the import renames cannot be told from another one here.
    if (parameters.some(({ in: place, name }) => place === "path" && !path.includes(`{${name}}`))) return [];
    return {
      method: method.toUpperCase(),
      path,
      pattern: route.path,
      schemas: {
        parameters,
        requestBody: (operation?.requestBody ?? null) as OperationSchemas["requestBody"],
        responses: operation?.responses as OperationSchemas["responses"],
        schemas: model.schemas as OperationSchemas["schemas"],
      },
    };
  });
}

function unescaped(token: string): string {
  return token.replace(/~1/g, "/").replace(/~0/g, "~");
}
