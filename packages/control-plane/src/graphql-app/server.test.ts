import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../testing/fixture.js";

let f: Fixture;
beforeEach(async () => {
  f = await Fixture.start();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

describe("errors", () => {
  it("that nobody foresaw become one sentence, and the log has the rest", async () => {
    await sql`drop table audit_log`.execute(f.db);
    const { data, errors } = await f.raw("{ auditLog { nodes { id } } }");
    expect(data).toBeNull();
    expect(errors).toEqual([
      {
        message: "The control plane failed. The log of the server has the details.",
        locations: expect.anything(),
        path: ["auditLog"],
        extensions: { code: "INTERNAL_SERVER_ERROR" },
      },
    ]);
    expect(f.logLines.join("")).toContain("no such table: audit_log");
    expect(f.logLines.join("")).toContain("req-1");
  });

  it("of the client keep their code and tell where", async () => {
    const { errors } = await f.raw("{ nothing }");
    expect(errors).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
    expect((await f.raw("{")).errors).toMatchObject([{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }]);
    const missing = await f.raw("mutation($i: CreateApiInput!) { createApi(input: $i) { secret } }", {
      i: { title: "x" },
    });
    expect(missing.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    expect(JSON.stringify(missing.errors)).not.toContain("stacktrace");
  });
});

describe("a live query over HTTP", () => {
  it("is refused with the way it is served", async () => {
    const { data, errors } = await f.raw("subscription { nodesChanged { id } }");
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      { message: expect.stringContaining("graphql-transport-ws"), extensions: { code: "BAD_REQUEST" } },
    ]);
  });
});

describe("a full disk", () => {
  it("refuses mutations with STORAGE_FULL, keeps reading, and goes on once there is room", async () => {
    const id = await f.subscription();
    const pages = Object.values((await sql.raw("pragma page_count").execute(f.db)).rows[0] ?? {})[0];
    await sql.raw(`pragma max_page_count = ${pages}`).execute(f.db);
    const big = { subscriptionId: id, title: "Big", summary: "x".repeat(10_000) };
    let payload = await f.mutate("createApi", big, "api { id }");
    for (let i = 0; i < 20 && payload.api !== null; i++)
      payload = await f.mutate("createApi", big, "api { id }");
    expect(payload).toMatchObject({ api: null, userErrors: [{ code: "STORAGE_FULL", field: [] }] });
    expect((await f.run("{ subscriptions { totalCount } }")).subscriptions.totalCount).toBe(1);
    await sql.raw("pragma max_page_count = 1000000").execute(f.db);
    expect((await f.mutate("createApi", big, "api { id }")).userErrors).toEqual([]);
  });
});

describe("an operation that asks for too much", () => {
  it("is refused for its cost before anything is read, with variables counted", async () => {
    const query = `query($n: Int) { apis(first: $n) { nodes { keys(first: 100) { nodes { api { subscription { apis(first: 100) { nodes { id } } } } } } } } }`;
    const { errors } = await f.raw(query, { n: 100 });
    expect(errors).toMatchObject([{ extensions: { code: "OPERATION_TOO_LARGE" } }]);
    expect(errors[0].message).toBe(
      "The operation is too large: it costs 2040201 and at most 20000 is allowed: ask for fewer items per page or fewer fields.",
    );
    const some = await f.raw(query.replace(/100/g, "30"), { n: 30 });
    expect(some.errors[0].message).toContain("it costs 57");
  });

  it("is not what the console asks for", async () => {
    const { errors } = await f.raw(
      `{ apis(first: 50) { totalCount pageInfo { endCursor } nodes { id title summary versionLabel version updatedAt routeCount
          subscription { id name } routes { id method path integration { id name } } keys(first: 5) { nodes { id name active mode display } } } } }`,
    );
    expect(errors).toBeUndefined();
  });

  it("is refused for its length", async () => {
    const { errors } = await f.raw(`{ ${"server { version } ".repeat(600)} }`);
    expect(errors).toMatchObject([{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }]);
  });
});

describe("without introspection", () => {
  it("the schema is not shown, not even by suggestions, and everything else works", async () => {
    await using closed = await Fixture.start({ introspection: false });
    expect((await closed.raw("{ __schema { types { name } } }")).errors).toMatchObject([
      {
        message: expect.stringContaining("graphql.introspection"),
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      },
    ]);
    const { errors } = await closed.raw("{ viewr { actor } }");
    expect(errors[0].message).not.toContain("viewer");
    expect((await closed.run("{ viewer { actor } }")).viewer.actor).toBe("admin");
  });
});
