/** The shared schemas and tags of an Api after an import: the document's, and what routes beside it still need. */
import { isDeepStrictEqual } from "node:util";
import type { ApiModel } from "@latchkey/openapi";
import type { ApiComponents, Route } from "./api.js";
import type { ComponentsForm } from "./operation-form.js";
import { reachedSchemas } from "./shared-schemas.js";

type Schemas = NonNullable<ApiModel["schemas"]>;
type Tags = NonNullable<ApiModel["tags"]>;

export interface MergedComponents {
  readonly form: ComponentsForm;
  /** Names of schemas that kept routes use and that are the document's now. */
  readonly changed: readonly string[];
}

/** @param kept routes that stay although the document does not have them */
export async function mergeComponents(
  model: ApiModel | null,
  before: ApiComponents,
  kept: readonly Route[],
  replace: boolean,
): Promise<MergedComponents> {
  const imported = model?.schemas ?? {};
  const used = parsed<Schemas>(
    await reachedSchemas(
      kept.flatMap(({ operation }) => operation ?? []),
      before.schemas,
    ),
  );
  const old = replace ? used : parsed<Schemas>(before.schemas);
  const isAlone = old === null || Object.keys(old).length === 0;
  const schemas = isAlone ? imported : { ...old, ...imported };
  const tags = mergeTags(replace ? [] : ((JSON.parse(before.tags ?? "[]") as Tags) ?? []), model?.tags ?? []);
  return {
    form: {
      schemas: Object.keys(schemas).length === 0 ? null : schemas,
      tags,
      info: model?.info ?? (replace ? null : parsed<object>(before.info)),
    },
    changed: Object.keys(used ?? {}).filter(
      (name) => Object.hasOwn(imported, name) && !isDeepStrictEqual(imported[name], used?.[name]),
    ),
  };
}

function parsed<T extends object>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

/** By name; the document's come first. */
function mergeTags(before: Tags, imported: Tags): Tags {
  const names = new Set(imported.map(({ name }) => name));
  return [...imported, ...before.filter(({ name }) => !names.has(name))];
}
