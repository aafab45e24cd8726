/**
 * The result of an import on its way from a thread, its large parts as texts: a copy of objects is made in one turn of the event
 * loop, 160 ms for 15 MB; texts are parsed in many.
 */
import { Pauses } from "@latchkey/core";
import { type ImportedRoute, type ImportResult, toModel } from "./import-result.js";
import type { JsonSchema } from "./read-model.js";

export interface ImportCopy {
  /** Without routes and schemas. */
  readonly rest: ImportResult;
  readonly routes: readonly string[];
  readonly schemas: readonly (readonly [name: string, text: string])[] | null;
}

export function packImport(result: ImportResult): ImportCopy {
  const { model, routes } = result;
  const schemas = model?.schemas;
  return {
    rest: { ...result, routes: [], model: model === null ? null : { ...model, routes: [], schemas: {} } },
    routes: routes.map((route) => JSON.stringify(route)),
    schemas:
      schemas === undefined
        ? null
        : Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)]),
  };
}

export async function unpackImport({ rest, routes, schemas }: ImportCopy): Promise<ImportResult> {
  const pauses = new Pauses();
  const parse = async (text: string): Promise<unknown> => {
    if (pauses.isDue()) await pauses.pause();
    return JSON.parse(text);
  };
  const parsedRoutes: ImportedRoute[] = [];
  for (const text of routes) parsedRoutes.push((await parse(text)) as ImportedRoute);
  const parsedSchemas: [string, JsonSchema][] = [];
  for (const [name, text] of schemas ?? []) parsedSchemas.push([name, (await parse(text)) as JsonSchema]);
  if (rest.model === null) return { ...rest, routes: parsedRoutes };
  const { schemas: _, ...model } = rest.model;
  return {
    ...rest,
    routes: parsedRoutes,
    model: {
      ...model,
      ...(schemas !== null && { schemas: Object.fromEntries(parsedSchemas) }),
      routes: parsedRoutes.map(toModel),
    },
  };
}
