import fc from "fast-check";
import { expect, it } from "vitest";
import { changedFields } from "../../forms/form-fields.js";
import { noOperation, toOperationForm } from "../operation/operation-form.js";
import { apiFormFields } from "./api-form-fields.js";
import {
  type ApiFormValue,
  changeApiForm,
  emptyApiForm,
  newRouteRow,
  routeContent,
  routeLine,
} from "./api-form-state.js";

const isSameForm = (a: ApiFormValue, b: ApiFormValue) => changedFields(apiFormFields, a, b).size === 0;

function formOf(paths: readonly string[]): ApiFormValue {
  return { ...emptyApiForm, routes: paths.map((path) => newRouteRow({ path })) };
}

it("moves a route without losing or doubling any", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(), fc.integer(), (paths, from, to) => {
      const form = formOf(paths);
      const row = form.routes[from % paths.length];
      const moved = changeApiForm(form, { kind: "moveRoute", key: row?.key ?? "", to });
      expect(moved.routes.map((each) => each.path).toSorted()).toEqual(paths.toSorted());
      if (to >= 0 && to < paths.length) expect(moved.routes[to]).toBe(row);
      else expect(moved).toEqual(form);
    }),
  );
});

it("knows a form that was changed back as unchanged", () => {
  const form = formOf(["/a", "/b"]);
  const key = form.routes[0]?.key ?? "";
  const there = changeApiForm(form, { kind: "setRoute", key, fields: { path: "/c" } });
  expect(isSameForm(form, there)).toBe(false);
  expect(isSameForm(form, changeApiForm(there, { kind: "setRoute", key, fields: { path: "/a" } }))).toBe(
    true,
  );
  const declared = toOperationForm({ parameters: [{ name: "page", in: "query" }] });
  const withOperation = changeApiForm(form, { kind: "setRoute", key, fields: { operation: declared } });
  expect(isSameForm(form, withOperation)).toBe(false);
  expect(
    isSameForm(
      form,
      changeApiForm(withOperation, { kind: "setRoute", key, fields: { operation: noOperation } }),
    ),
  ).toBe(true);
  // The order of routes is content: people chose it.
  expect(isSameForm(form, changeApiForm(form, { kind: "moveRoute", key, to: 1 }))).toBe(false);
});

it("tells two versions of a route apart by all that is chosen for it, its operation too", () => {
  const row = newRouteRow({ path: "/a" });
  const other = { ...row, operation: toOperationForm({ parameters: [{ name: "page", in: "query" }] }) };
  expect(routeLine(other)).toBe("GET /a → (no integration), operation: 1 parameter");
  const another = { ...row, operation: toOperationForm({ parameters: [{ name: "from", in: "query" }] }) };
  expect(routeLine(another)).toBe(routeLine(other));
  expect(routeContent(another)).not.toBe(routeContent(other));
});

it("puts removed routes back where they were, once, and leads selected ones elsewhere and back", () => {
  const form = formOf(["/a", "/b", "/c", "/d"]);
  const [, b, , d] = form.routes;
  if (b === undefined || d === undefined) throw new Error("there are four");
  const removed = [
    { row: d, index: 3 },
    { row: b, index: 1 },
  ];
  const without = changeApiForm(form, { kind: "removeRoutes", keys: new Set([b.key, d.key]) });
  expect(without.routes.map(({ path }) => path)).toEqual(["/a", "/c"]);
  const back = changeApiForm(without, { kind: "restoreRoutes", removed });
  expect(back).toEqual(form);
  expect(changeApiForm(back, { kind: "restoreRoutes", removed })).toEqual(form);

  const orders = { id: "int_1", label: "Orders" };
  const moved = changeApiForm(form, { kind: "setIntegrations", of: new Map([[b.key, orders]]) });
  expect(moved.routes.map(({ integration }) => integration?.id)).toEqual([
    undefined,
    "int_1",
    undefined,
    undefined,
  ]);
  expect(changeApiForm(moved, { kind: "setIntegrations", of: new Map([[b.key, null]]) })).toEqual(form);
});
