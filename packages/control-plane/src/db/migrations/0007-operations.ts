/**
 * The contract of a route is an Operation Object of OpenAPI: `route.parameters` becomes `operation.parameters`. Schemas
 * and tags that operations share are the API's; responses can be validated.
 */
import { type Kysely, type Migration, sql } from "kysely";

/** Rows read at once. */
const BATCH = 500;

interface Tables {
  route: { id: string; parameters: string | null; operation: string | null };
}

/** As releases before this one wrote it. */
interface RouteParameters {
  readonly path?: { readonly [name: string]: PathParameter };
  readonly query?: readonly QueryParameter[];
}

interface PathParameter {
  readonly description?: string;
  readonly schema?: unknown;
}

interface QueryParameter extends PathParameter {
  readonly name: string;
  readonly required?: boolean;
}

export function operations(): Migration {
  return {
    async up(anyDb: Kysely<unknown>): Promise<void> {
      // One column a statement: SQLite takes no more.
      await anyDb.schema.alterTable("route").addColumn("operation", "text").execute();
      await anyDb.schema
        .alterTable("route")
        .addColumn("response_validation", "text", (c) => c.notNull().defaultTo(sql`'off'`))
        .execute();
      await anyDb.schema.alterTable("api").addColumn("schemas", "text").execute();
      await anyDb.schema.alterTable("api").addColumn("tags", "text").execute();
      await convertParameters(anyDb as Kysely<Tables>);
      await anyDb.schema.alterTable("route").dropColumn("parameters").execute();
    },
  };
}

async function convertParameters(db: Kysely<Tables>): Promise<void> {
  let after = "";
  for (;;) {
    const rows = await db
      .selectFrom("route")
      .select(["id", "parameters"])
      .where("id", ">", after)
      .where("parameters", "is not", null)
      .orderBy("id")
      .limit(BATCH)
      .execute();
    for (const { id, parameters } of rows) {
      await db
        .updateTable("route")
        .set({ operation: toOperation(JSON.parse(parameters ?? "{}") as RouteParameters) })
        .where("id", "=", id)
        .execute();
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? "";
  }
}

/** Null when there are no parameters. A parameter without a schema was a string. */
function toOperation({ path = {}, query = [] }: RouteParameters): string | null {
  const parameters = [
    ...Object.entries(path).map(([name, parameter]) => toParameter("path", name, true, parameter)),
    ...query.map((parameter) => toParameter("query", parameter.name, parameter.required ?? false, parameter)),
  ];
  return parameters.length === 0 ? null : JSON.stringify({ parameters });
}

function toParameter(
  place: "path" | "query",
  name: string,
  required: boolean,
  { description, schema = { type: "string" } }: PathParameter,
): object {
  return {
    name,
    in: place,
    ...(required && { required }),
    ...(description !== undefined && { description }),
    schema,
  };
}
