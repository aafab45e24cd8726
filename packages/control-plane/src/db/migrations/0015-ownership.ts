/** Owner, labels and metadata of APIs and keys. */
import type { Kysely, Migration } from "kysely";

export function ownership(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const table of ["api", "api_key"])
        for (const [column, empty] of [
          ["owner", ""],
          ["labels", ""],
          ["metadata", "{}"],
        ] as const)
          await db.schema
            .alterTable(table)
            .addColumn(column, "text", (definition) => definition.notNull().defaultTo(empty))
            .execute();
    },
  };
}
