/** Where tags and shared schemas of an API are used. Pure. */
import type { ApiSchemasQuery } from "../../gen/schemas.js";
import { isJsonObject, pointerName } from "../operation/json.js";

export type ApiContent = NonNullable<ApiSchemasQuery["api"]>;
export type UsingRoute = Pick<ApiContent["routes"][number], "id" | "method" | "path">;

export interface SchemaUsage {
  readonly name: string;
  readonly schema: unknown;
  /** Whose operation refers to it directly. */
  readonly routes: readonly UsingRoute[];
  /** Names of the schemas that refer to it directly. */
  readonly schemas: readonly string[];
}

export interface TagUsage {
  readonly name: string;
  readonly description: string;
  readonly routes: readonly UsingRoute[];
}

const SHARED = "#/components/schemas/";

export function schemaUsages({ schemas, routes }: ApiContent): readonly SchemaUsage[] {
  const usingRoutes = new Map<string, UsingRoute[]>();
  const usingSchemas = new Map<string, string[]>();
  for (const { id, method, path, operation } of routes)
    for (const name of namesIn(operation)) add(usingRoutes, name, { id, method, path });
  const entries = Object.entries(schemas ?? {});
  for (const [user, schema] of entries)
    for (const name of namesIn(schema)) if (name !== user) add(usingSchemas, name, user);
  return entries.map(([name, schema]) => ({
    name,
    schema,
    routes: usingRoutes.get(name) ?? [],
    schemas: usingSchemas.get(name) ?? [],
  }));
}

/** The API's own tags first, then those that only operations name. */
export function tagUsages({ tags, routes }: ApiContent): readonly TagUsage[] {
  const using = new Map<string, UsingRoute[]>();
  for (const { id, method, path, operation } of routes) {
    const named = operation?.tags;
    if (!Array.isArray(named)) continue;
    for (const tag of named) if (typeof tag === "string") add(using, tag, { id, method, path });
  }
  const own = tags.map((tag) => ({
    name: textOf(tag.name),
    description: textOf(tag.description),
    routes: using.get(textOf(tag.name)) ?? [],
  }));
  const known = new Set(own.map(({ name }) => name));
  const others = [...using].flatMap(([name, users]) =>
    known.has(name) ? [] : [{ name, description: "", routes: users }],
  );
  return [...own, ...others];
}

/** `2 operations, 1 schema` */
export function usageText({ routes, schemas }: Pick<SchemaUsage, "routes" | "schemas">): string {
  const parts = [
    ...(routes.length === 0 ? [] : [`${routes.length} ${routes.length === 1 ? "operation" : "operations"}`]),
    ...(schemas.length === 0 ? [] : [`${schemas.length} ${schemas.length === 1 ? "schema" : "schemas"}`]),
  ];
  return parts.length === 0 ? "Not used" : `Used by ${parts.join(", ")}`;
}

/** Names of the shared schemas that a value refers to, each once. */
function namesIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value) namesIn(item, found);
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value))
      if (key === "$ref" && typeof member === "string" && member.startsWith(SHARED))
        found.add(pointerName(member.slice(SHARED.length).split("/")[0] ?? ""));
      else namesIn(member, found);
  return found;
}

function add<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
