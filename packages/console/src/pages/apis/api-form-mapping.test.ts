import { describe, expect, it } from "vitest";
import type { ApiFormFieldsFragment } from "../../gen/api-form.js";
import { changeFields, showText, toOperationForm, typeOperation } from "../operation/operation-form.js";
import { apiErrorField, checkRoutes, toApiFields, toFormValue, toRouteInputs } from "./api-form-mapping.js";
import { type ApiFormValue, emptyApiForm, newRouteRow, type RouteRow } from "./api-form-state.js";

const rich = {
  summary: "Get an order",
  responses: { "200": { description: "The order." } },
  parameters: [
    { name: "id", in: "path", required: true, schema: { oneOf: [{ type: "integer" }, { const: "all" }] } },
  ],
};
const stored = newRouteRow({ id: "rte_1", path: "/orders/{id}", operation: toOperationForm(rich) });

function formOf(...routes: readonly RouteRow[]): ApiFormValue {
  return { ...emptyApiForm, routes };
}

/** What is sent of the operation of one row; undefined: nothing, so that it stays. */
function sent(row: RouteRow): unknown {
  const [input] = toRouteInputs(formOf(row), [stored]);
  return input !== undefined && "operation" in input ? input.operation : undefined;
}

const api: ApiFormFieldsFragment = {
  id: "api_1",
  title: "Orders",
  summary: "",
  versionLabel: "v1",
  recoverable: false,
  bearerRequired: false,
  openapiServed: false,
  cors: null,
  rateLimit: null,
  quota: { limit: 1_000, windowSeconds: 86_400, burst: 1_000 },
  ipRules: { allow: [], deny: ["10.0.0.7"] },
  owner: "",
  labels: [],
  metadata: {},
  version: 2,
  updatedAt: "2026-11-25T00:00:00Z",
  subscription: { id: "sub_1", name: "Sample" },
  routes: ["/orders/{id}", "/new"].map((path, index) => ({
    id: `rte_${index + 1}`,
    method: "GET",
    path,
    validate: false,
    responseValidation: "OFF",
    operation: index === 0 ? rich : null,
    rateLimit: index === 0 ? { limit: 5, windowSeconds: 1, burst: 9 } : null,
    quota: null,
    requestBodyBytesMax: 0,
    headerRules: { request: [{ action: "SET", name: "X-Tenant", value: "north" }], response: [] },
    integration: { id: "int_1", name: "north" },
  })),
};

describe("policies", () => {
  it("sends those of a route only when one of them was changed, all together", () => {
    const form = toFormValue(api);
    const [first, second] = form.routes;
    if (first === undefined || second === undefined) throw new Error("there are two routes");
    for (const input of toRouteInputs(form, form.routes)) expect(input).not.toHaveProperty("rateLimit");
    const policies = { ...first.policies, requestBodyBytesMax: 2_000, responseHeaderRules: "remove Server" };
    const [changed, same] = toRouteInputs(formOf({ ...first, policies }, second), form.routes);
    expect(same).not.toHaveProperty("headerRules");
    expect(changed).toMatchObject({
      rateLimit: { limit: 5, windowSeconds: 1, burst: 9 },
      quota: null,
      requestBodyBytesMax: 2_000,
      headerRules: {
        request: [{ action: "SET", name: "X-Tenant", value: "north" }],
        response: [{ action: "REMOVE", name: "Server", value: "" }],
      },
    });
  });

  it("sends those of an API by field", () => {
    const form = toFormValue(api);
    expect(toApiFields({ ...form, denyIps: "" }, new Set(["denyIps"]))).toEqual({
      ipRules: { allow: [], deny: [] },
    });
    expect(toApiFields(form, new Set(["quota"]))).toEqual({ quota: { limit: 1_000, windowSeconds: 86_400 } });
  });

  it.each([
    ["routes.3.rateLimit.limit", "routes.3.rateLimit"],
    ["routes.3.headerRules.response.0.name", "routes.3.responseHeaderRules"],
    ["routes.3.operation.parameters.0", "routes.3.operation.parameters.0"],
    ["ipRules.deny.0", "denyIps"],
    ["metadata.ticket", "metadata"],
    ["title", "title"],
  ])("shows an error of %s at %s", (path, field) => {
    expect(apiErrorField(path)).toBe(field);
  });
});

describe("a form of what was saved", () => {
  it("knows the rows that were on the page, so that what is opened there stays open", () => {
    const asText = { ...stored, operation: showText(stored.operation) };
    const added = newRouteRow({ path: "/new" });
    const { routes } = toFormValue(api, [asText, added]);
    expect(routes.map((row) => row.key)).toEqual([stored.key, added.key]);
    expect(routes.map((row) => row.operation.kind)).toEqual(["text", "fields"]);
    expect(toRouteInputs(formOf(...routes), toFormValue(api).routes)).toEqual([
      expect.not.objectContaining({ operation: expect.anything() }),
      expect.not.objectContaining({ operation: null }),
    ]);
  });

  it("never names two rows alike, whoever else moved them", () => {
    const added = newRouteRow();
    const { routes } = toFormValue(api, [added, { ...stored, id: "rte_2" }]);
    expect(new Set(routes.map((row) => row.key)).size).toBe(2);
    expect(routes[1]?.key).toBe(stored.key);
  });
});

describe("a route's operation in a save", () => {
  it("is left out while nobody changed it", () => {
    expect(sent({ ...stored, key: "another", validate: true })).toBeUndefined();
    expect(sent({ ...stored, operation: toOperationForm(structuredClone(rich)) })).toBeUndefined();
  });

  it("is sent as it came when the route may not be the one that has it", () => {
    expect(sent({ ...stored, path: "/orders/{other}" })).toEqual(rich);
    expect(sent({ ...stored, method: "PUT" })).toEqual(rich);
    expect(sent({ ...stored, id: "rte_of_another_version" })).toEqual(rich);
  });

  it("is emptied for a new row, which the server may take for a stored one that looks like it", () => {
    expect(sent(newRouteRow({ path: "/orders/{id}" }))).toBeNull();
  });

  it("is sent whole when anything of it is changed", () => {
    const operation = changeFields(stored.operation, {
      kind: "setPath",
      name: "id",
      fields: { description: "Number." },
    });
    expect(sent({ ...stored, operation })).toEqual({
      ...rich,
      parameters: [{ ...rich.parameters[0], description: "Number." }],
    });
    expect(sent({ ...stored, operation: typeOperation("", rich) })).toBeNull();
  });

  it("is checked before, with the row's place in the form", () => {
    const broken = newRouteRow({ operation: typeOperation("{", null) });
    expect(checkRoutes(formOf(stored, broken), [stored])).toMatchObject([
      { field: ["input", "routes", "1", "operation"], code: "INVALID" },
    ]);
  });

  it("is not checked when it was stored so, and stays", () => {
    const twice = newRouteRow({
      id: "rte_2",
      operation: toOperationForm({
        parameters: [
          { name: "a", in: "query" },
          { name: "a", in: "query" },
        ],
      }),
    });
    expect(checkRoutes(formOf(twice), [twice])).toEqual([]);
  });
});
