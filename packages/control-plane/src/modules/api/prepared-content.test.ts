/** An import checks what it writes before its transaction, and the transaction writes what was checked or nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SqliteConnection } from "../../db/sqlite-connection.js";
import { Fixture, type Json, SETUP_MS_MAX } from "../../testing/fixture.js";
import { noComponents } from "./api.js";
import { FormReader } from "./form-reader.js";
import { PreparedContent } from "./prepared-content.js";
import { ReachedSizes } from "./reached-sizes.js";

let dir: string;
let f: Fixture;
let subscriptionId: string;
let mapping: { readonly default: string };
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-import-"));
  f = await Fixture.start({ path: join(dir, "db.sqlite") });
  subscriptionId = await f.subscription();
  mapping = { default: await f.integration(subscriptionId) };
}, SETUP_MS_MAX);
afterEach(async () => {
  vi.restoreAllMocks();
  await f[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const ROUTES = 40;

/** Each operation with a description, a schema of its own and a shared one. */
function document(description: string, tag = "one"): string {
  const schema = { $ref: "#/components/schemas/Order" };
  const operation = (k: number) => ({
    description,
    tags: [k % 2 === 0 ? tag : "other"],
    parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer", minimum: k } }],
    requestBody: { content: { "application/json": { schema } } },
    responses: { 200: { description: "ok" } },
  });
  const paths = Object.fromEntries(
    Array.from({ length: ROUTES }, (_, k) => [`/items${k}/{id}`, { put: operation(k) }]),
  );
  const schemas = { Order: { type: "object", properties: { quantity: { type: "integer" } } } };
  return JSON.stringify({
    openapi: "3.0.3",
    info: { title: "Shop", version: "1" },
    paths,
    components: { schemas },
  });
}

const fromServers = { mapping: null, integrations: "FROM_SERVERS" };
const served = () =>
  JSON.stringify({ ...JSON.parse(document("first")), servers: [{ url: "https://shop.example" }] });

const importApi = (input: Record<string, unknown>): Promise<Json> =>
  f.mutate("importOpenApi", { mapping, validate: "ON", ...input }, "api { id version routeCount }");

/** Checks of operations and of routes, and where the write transaction begins, writes routes and ends. Read it with `orderOf`. */
function watchOrder(): string[] {
  const order: string[] = [];
  const add = (event: string): void => {
    order.push(event);
  };
  const fault = FormReader.prototype.fault;
  vi.spyOn(FormReader.prototype, "fault").mockImplementation(function (this: FormReader, operation) {
    add("check");
    return fault.call(this, operation);
  });
  const checkSize = ReachedSizes.prototype.check;
  vi.spyOn(ReachedSizes.prototype, "check").mockImplementation(function (this: ReachedSizes, ...args) {
    add("check");
    return checkSize.apply(this, args);
  });
  const execute = SqliteConnection.prototype.execute;
  // Readers commit as well.
  let writer: SqliteConnection | null = null;
  vi.spyOn(SqliteConnection.prototype, "execute").mockImplementation(function (
    this: SqliteConnection,
    query,
  ) {
    if (query.sql === "begin immediate") {
      writer = this;
      add("begin");
    } else if (query.sql === "commit" && this === writer) add("commit");
    else if (query.sql.startsWith('insert into "route"')) add("write");
    else if (query.sql.startsWith('insert into "integration"')) add("write integrations");
    else if (query.sql.startsWith('select "id", "operation"')) add("read operations");
    return execute.call(this, query) as never;
  });
  return order;
}

/** Each event once in a row, without transactions that write no routes: usage and the like are written meanwhile. */
function orderOf(events: readonly string[]): string[] {
  const order: string[] = [];
  for (const event of events) {
    if (event === "commit" && order.at(-1) === "begin") order.pop();
    else if (order.at(-1) !== event) order.push(event);
  }
  return order.filter((event, index) => event !== order[index - 1]);
}

it("checks and compares routes before its transaction, of a new API and of one that is there", async () => {
  const order = watchOrder();
  const made = await importApi({ subscriptionId, document: document("first") });
  expect(made.userErrors).toEqual([]);
  expect(orderOf(order).slice(0, 4)).toEqual(["check", "begin", "write", "commit"]);

  order.length = 0;
  const difference = vi.spyOn(PreparedContent.prototype, "differenceTo");
  const changed = await importApi({ apiId: made.api.id, document: document("second") });
  expect(changed.userErrors).toEqual([]);
  expect(changed.api).toMatchObject({ version: 2, routeCount: ROUTES });
  expect(orderOf(order).slice(0, 5)).toEqual(["read operations", "check", "begin", "write", "commit"]);
  expect(difference.mock.results).toMatchObject([{ value: { isSameForNodes: true } }]);
});

it("checks the parts of a document that is split before the transaction of all", async () => {
  const order = watchOrder();
  const made = await importApi({ subscriptionId, document: document("first"), split: "TAG" });
  expect(made.userErrors).toEqual([]);
  expect(orderOf(order).slice(0, 4)).toEqual(["check", "begin", "write", "commit"]);
  expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(2);
});

it("checks routes to integrations that it makes before its transaction, and makes these in few statements", async () => {
  const order = watchOrder();
  const made = await importApi({ subscriptionId, document: served(), ...fromServers });
  expect(made.userErrors).toEqual([]);
  expect(orderOf(order).slice(0, 5)).toEqual(["check", "begin", "write integrations", "write", "commit"]);
  expect(order.filter((event) => event === "write integrations")).toHaveLength(1);
});

it("takes the integrations that another import made after it looked for them", async () => {
  const prepare = PreparedContent.of.bind(PreparedContent);
  vi.spyOn(PreparedContent, "of").mockImplementationOnce(async (...args) => {
    const other = await importApi({ subscriptionId, document: served(), ...fromServers });
    expect(other.userErrors).toEqual([]);
    return await prepare(...args);
  });
  const made = await importApi({ subscriptionId, document: served(), ...fromServers });
  expect(made.userErrors).toEqual([]);
  const { integrations, apis } = await f.run(
    "{ integrations { totalCount } apis { nodes { routes { integrationId } } } }",
  );
  expect(integrations.totalCount).toBe(1 + ROUTES);
  const [one, two] = apis.nodes;
  expect(one.routes).toHaveLength(ROUTES);
  expect(two.routes).toEqual(one.routes);
});

it("changes nothing when the API was changed after it was read", async () => {
  const made = await importApi({ subscriptionId, document: document("first") });
  const prepare = PreparedContent.of.bind(PreparedContent);
  vi.spyOn(PreparedContent, "of").mockImplementationOnce(async (...args) => {
    await f.mutate("updateApi", { id: made.api.id, title: "Renamed" }, "api { id }");
    return await prepare(...args);
  });
  const changed = await importApi({ apiId: made.api.id, document: document("second") });
  expect(changed.userErrors).toMatchObject([{ code: "CONFLICT", currentVersion: 2 }]);
  const query = "query ($id: ID!) { api(id: $id) { title version routes { operation } } }";
  const { api } = await f.run(query, { id: made.api.id });
  expect(api).toMatchObject({ title: "Renamed", version: 2 });
  expect(JSON.stringify(api.routes)).toContain("first");
  expect(JSON.stringify(api.routes)).not.toContain("second");
});

it("writes nothing when an integration went after it was looked up", async () => {
  const prepare = PreparedContent.of.bind(PreparedContent);
  vi.spyOn(PreparedContent, "of").mockImplementationOnce(async (...args) => {
    await f.mutate("deleteIntegration", { id: mapping.default }, "deletedIntegrationId");
    return await prepare(...args);
  });
  const made = await importApi({ subscriptionId, document: document("first") });
  expect(made.userErrors).toHaveLength(ROUTES);
  expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(0);
});

it("makes a revision only of what nodes must know", async () => {
  const made = await importApi({ subscriptionId, document: document("first") });
  const before = await f.revision();
  await importApi({ apiId: made.api.id, document: document("only other words") });
  expect(await f.revision()).toBe(before);
  await importApi({
    apiId: made.api.id,
    document: document("only other words").replace(
      '"quantity":{"type":"integer"}',
      '"quantity":{"type":"string"}',
    ),
  });
  expect(await f.revision()).not.toBe(before);
});

it("checks tens of thousands of shared schemas in short turns", async () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 30_000 }, (_, n) => [
      `S${n}`,
      { allOf: [{ $ref: `#/components/schemas/S${(n + 1) % 30_000}` }, { type: "object" }] },
    ]),
  );
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const { components, schemaNames } = await PreparedContent.of({
    before: null,
    components: { schemas },
    stored: noComponents,
    forms: [],
    subscriptionId,
    targets: new Map(),
  });
  isOver = true;
  expect(turns).toBeGreaterThan(4);
  expect(schemaNames.size).toBe(30_000);
  expect(components.schemas).toBe(JSON.stringify(schemas));
});
