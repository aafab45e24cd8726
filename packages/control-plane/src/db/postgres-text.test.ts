/** What SQLite holds and PostgreSQL refuses: NUL in a text, and values of another type than the column's. */
import { createLogger } from "@latchkey/observe";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../testing/fixture.js";
import { openPostgres } from "./open-postgres.js";

it.skipIf(!hasPostgres())(
  "finds nothing by an id, a search or a cursor that no row can have, and does not fail",
  async () => {
    using server = new TestPostgres();
    const logger = createLogger({ name: "test", level: "silent" });
    await using f = await Fixture.start({ db: await openPostgres({ url: server.url, logger }) });
    await f.subscription("Ærø");
    const run = (query: string, variables: Record<string, unknown>) => f.raw(query, variables);
    const id = "sub_\u0000";
    expect(await run("query($id: ID!) { subscription(id: $id) { id } }", { id })).toEqual({
      data: { subscription: null },
    });
    expect(
      await run("mutation($id: ID!) { endSession(input: { id: $id }) { userErrors { code } } }", { id }),
    ).toEqual({ data: { endSession: { userErrors: [{ code: "NOT_FOUND" }] } } });
    expect(
      await run("query($search: String!) { subscriptions(filter: { search: $search }) { nodes { id } } }", {
        search: "r\u0000",
      }),
    ).toEqual({ data: { subscriptions: { nodes: [] } } });
    for (const value of ["\u0000", "text", 1e308, 1.5, 2 ** 63])
      for (const id of ["sub_", "\u0000"]) {
        const after = Buffer.from(JSON.stringify(["createdAt.desc", value, id])).toString("base64url");
        const response = await run(
          "query($after: String!) { subscriptions(after: $after, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { id } } }",
          { after },
        );
        expect(JSON.stringify(response), JSON.stringify(value)).not.toContain("INTERNAL");
      }
  },
  SETUP_MS_MAX,
);
