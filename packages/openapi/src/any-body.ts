/** The shared schema for any content, which an Api has only where something leads to it. */
import { reachedNames } from "@latchkey/validation";
import { equalJson, type Json } from "./json.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import type { JsonSchema, OperationModel } from "./read-model.js";
import { refsOf } from "./schema-bundle.js";
import { ANY_BODY_NAME, anyBodySchema } from "./schema-components.js";
import { sharedName } from "./schema-library.js";

export function withoutUnusedAnyBody(
  schemas: ReadonlyMap<string, JsonSchema>,
  routes: readonly { readonly operation?: OperationModel }[],
): { readonly [name: string]: JsonSchema } {
  const kept = new Map(schemas);
  if (equalJson(kept.get(ANY_BODY_NAME) as Json | undefined, anyBodySchema)) {
    const roots: string[] = [...kept.keys()].filter((name) => name !== ANY_BODY_NAME);
    const namesIn = (schema: JsonSchema): readonly string[] =>
      refsOf(schema).flatMap((ref) => sharedName(ref) ?? []);
    for (const { operation } of routes) {
      if (operation === undefined) continue;
      mapOperationSchemas(operation, (schema) => {
        roots.push(...namesIn(schema));
        return schema;
      });
    }
    const reached = reachedNames(roots, (name) => namesIn(kept.get(name) ?? true));
    if (!reached.has(ANY_BODY_NAME)) kept.delete(ANY_BODY_NAME);
  }
  return Object.fromEntries(kept);
}
