/** `latchkey list messages` and `latchkey tail` take what GraphQL's `MessageFilter` takes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FakeControlPlane, latchkey, type Request } from "../testing/command.js";

const schema = readFileSync(join(import.meta.dirname, "../../../control-plane/schema.graphql"), "utf8");
const [, filterInput = ""] = /^input MessageFilter \{([^}]*)\}/m.exec(schema) ?? [];
const filterFields = [...filterInput.matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name);

const north = { id: "rte_1", method: "GET", path: "/orders/{id}", api: { title: "North" } };
const south = { ...north, id: "rte_2", api: { title: "South" } };
const longer = { ...north, id: "rte_3", path: "/orders/{id}/lines" };

/** The one API is "api_1", the one key "key_1" …; all APIs have the route. */
function respond({ query, variables }: Request): object {
  const [, one] = /one: (\w+)\(/.exec(query) ?? [];
  if (one !== undefined) return { one: { id: variables.id }, many: { nodes: [] } };
  if (query.includes("candidates: api")) return { node: null, candidates: { routes: [longer, north] } };
  if (query.includes("candidates:"))
    return {
      node: variables.id === "rte_1" ? { id: "rte_1" } : null,
      candidates: variables.text === "GET /orders/{id}/lines" ? [longer] : [longer, north, south],
    };
  return { messages: { nodes: [], searchedBackTo: null, pageInfo: { hasNextPage: false, endCursor: null } } };
}

let controlPlane: FakeControlPlane;
beforeAll(async () => {
  controlPlane = await FakeControlPlane.start();
});
afterAll(() => controlPlane[Symbol.asyncDispose]());
beforeEach(() => {
  controlPlane.requests.length = 0;
  controlPlane.respond = respond;
});

const listed = (...options: readonly string[]) =>
  latchkey("list", "messages", ...options, "--url", controlPlane.url, "--token", "secret-token");
const lastFilter = () => controlPlane.requests.at(-1)?.variables.filter;

const optionOf = (field: string) =>
  `--${field.replace(/(?<!interchange)Id$/, "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} `;

it("has an option for each field of the filter; a tail for all but the times", async () => {
  const { stdout: list } = await latchkey("list", "messages", "--help");
  const { stdout: tail } = await latchkey("tail", "--help");
  expect(filterFields.length).toBeGreaterThan(10);
  for (const field of filterFields) {
    expect(list).toContain(optionOf(field));
    expect(tail.includes(optionOf(field)), field).toBe(!["since", "until"].includes(field));
  }
});

it("passes them on under the filter's names", async () => {
  const { code, stderr } = await listed(
    ...["--interchange-id", "a-1", "--api", "api_1", "--key", "key_1", "--route", "GET /orders/{id}"],
    ...["--integration", "int_1", "--node", "node_1", "--method", "put", "--path", "/Orders"],
    ...["--status", "502", "--outcome", "server-error", "--error-code", "upstream.timeout"],
    ...["--since", "2027-01-31", "--until", "2027-01-31T10:00+01:00"],
  );
  expect([code, stderr]).toEqual([0, ""]);
  const filter = {
    interchangeId: "a-1",
    apiId: "api_1",
    keyId: "key_1",
    routeId: "rte_1",
    integrationId: "int_1",
    nodeId: "node_1",
    method: "PUT",
    path: "/Orders",
    status: 502,
    outcome: "SERVER_ERROR",
    errorCode: "upstream.timeout",
    since: "2027-01-31T00:00:00.000Z",
    until: "2027-01-31T09:00:00.000Z",
  };
  expect(lastFilter()).toEqual(filter);
  expect(Object.keys(filter).toSorted()).toEqual(filterFields.toSorted());
});

it("reads how long ago", async () => {
  const beforeMs = Date.now();
  await listed("--since", "15m");
  const { since } = lastFilter() as { readonly since: string };
  const agoMs = 15 * 60_000;
  expect(Date.parse(since)).toBeGreaterThanOrEqual(beforeMs - agoMs);
  expect(Date.parse(since)).toBeLessThanOrEqual(Date.now() - agoMs);
});

it.each([
  ["rte_1", "rte_1"],
  ["GET /orders/{id}/lines", "rte_3"],
])("finds the route %s", async (text, routeId) => {
  expect((await listed("--route", text)).code).toBe(0);
  expect(lastFilter()).toEqual({ routeId });
});

it.each([
  [["--route", "PUT /orders/{id}"], 1, '--route: there is no route "PUT /orders/{id}"; give its id or'],
  [
    ["--route", "GET /orders/{id}"],
    1,
    'several APIs have a route "GET /orders/{id}" (rte_1 of "North", rte_2 of "South")',
  ],
  [["--status", "9"], 2, "expected a status such as 404."],
  [["--outcome", "broken"], 2, "Allowed choices are succeeded, failed, client-error, server-error."],
  [
    ["--since", "yesterday"],
    2,
    "expected a time such as 2027-01-31T12:00:00Z or 2027-01-31, or how long ago",
  ],
  [["--since", "2027-13-31"], 2, "expected a time such as"],
  [["--since", "999999999d"], 2, "expected a time such as"],
  [["--since", "1h", "--until", "2h"], 2, "--since is not before --until."],
])("refuses %j", async (options, code, message) => {
  const result = await listed(...options);
  expect([result.code, result.stdout]).toEqual([code, ""]);
  expect(result.stderr).toContain(message);
  expect(controlPlane.requests.every(({ query }) => !query.includes("messages("))).toBe(true);
});
