import { describe, expect, it } from "vitest";
import type { ApiFormFieldsFragment } from "../../gen/api-form.js";
import { changeFields, showText, toParametersForm, typeParameters } from "../parameters/parameters-form.js";
import { checkRoutes, toFormValue, toRouteInputs } from "./api-form-mapping.js";
import { type ApiFormValue, emptyApiForm, newRouteRow, type RouteRow } from "./api-form-state.js";

const rich = { path: { id: { schema: { oneOf: [{ type: "integer" }, { const: "all" }] } } } };
const stored = newRouteRow({ id: "rte_1", path: "/orders/{id}", parameters: toParametersForm(rich) });

function formOf(...routes: readonly RouteRow[]): ApiFormValue {
  return { ...emptyApiForm, routes };
}

/** What is sent of the parameters of one row; undefined: nothing, so that they stay. */
function sent(row: RouteRow): unknown {
  const [input] = toRouteInputs(formOf(row), [stored]);
  return input !== undefined && "parameters" in input ? input.parameters : undefined;
}

const api: ApiFormFieldsFragment = {
  id: "api_1",
  title: "Orders",
  summary: "",
  versionLabel: "v1",
  recoverable: false,
  bearerRequired: false,
  openapiServed: false,
  version: 2,
  updatedAt: "2026-11-25T00:00:00Z",
  subscription: { id: "sub_1", name: "Sample" },
  routes: ["/orders/{id}", "/new"].map((path, index) => ({
    id: `rte_${index + 1}`,
    method: "GET",
    path,
    validate: false,
    parameters: index === 0 ? rich : null,
    integration: { id: "int_1", name: "north" },
  })),
};

describe("a form of what was saved", () => {
  it("knows the rows that were on the page, so that what is opened there stays open", () => {
    const asText = { ...stored, parameters: showText(stored.parameters) };
    const added = newRouteRow({ path: "/new" });
    const { routes } = toFormValue(api, [asText, added]);
    expect(routes.map((row) => row.key)).toEqual([stored.key, added.key]);
    expect(routes.map((row) => row.parameters.kind)).toEqual(["text", "fields"]);
    expect(toRouteInputs(formOf(...routes), toFormValue(api).routes)).toEqual([
      expect.not.objectContaining({ parameters: expect.anything() }),
      expect.not.objectContaining({ parameters: null }),
    ]);
  });

  it("never names two rows alike, whoever else moved them", () => {
    const added = newRouteRow();
    const { routes } = toFormValue(api, [added, { ...stored, id: "rte_2" }]);
    expect(new Set(routes.map((row) => row.key)).size).toBe(2);
    expect(routes[1]?.key).toBe(stored.key);
  });
});

describe("a route's parameters in a save", () => {
  it("are left out while nobody touched them", () => {
    expect(sent({ ...stored, key: "another", validate: true })).toBeUndefined();
    expect(sent({ ...stored, parameters: toParametersForm(structuredClone(rich)) })).toBeUndefined();
  });

  it("go along as they came when the route is not surely the one that has them", () => {
    expect(sent({ ...stored, path: "/orders/{other}" })).toEqual(rich);
    expect(sent({ ...stored, method: "PUT" })).toEqual(rich);
    expect(sent({ ...stored, id: "rte_of_another_version" })).toEqual(rich);
  });

  it("are emptied for a new row, which the server may take for a stored one that looks like it", () => {
    expect(sent(newRouteRow({ path: "/orders/{id}" }))).toBeNull();
  });

  it("are sent whole when anything of them is changed", () => {
    const parameters = changeFields(stored.parameters, {
      kind: "setPath",
      name: "id",
      fields: { description: "Number." },
    });
    expect(sent({ ...stored, parameters })).toEqual({
      path: { id: { ...rich.path.id, description: "Number." } },
    });
    expect(sent({ ...stored, parameters: typeParameters("", rich) })).toBeNull();
  });

  it("are checked before, with the row's place in the form", () => {
    const broken = newRouteRow({ parameters: typeParameters("{", null) });
    expect(checkRoutes(formOf(stored, broken), [stored])).toMatchObject([
      { field: ["input", "routes", "1", "parameters"], code: "INVALID" },
    ]);
  });

  it("are not complained of when they were stored so, and stay", () => {
    const twice = newRouteRow({
      id: "rte_2",
      parameters: toParametersForm({ query: [{ name: "a" }, { name: "a" }] }),
    });
    expect(checkRoutes(formOf(twice), [twice])).toEqual([]);
  });
});
