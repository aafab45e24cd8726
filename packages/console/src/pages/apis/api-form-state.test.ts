import fc from "fast-check";
import { expect, it } from "vitest";
import { noParameters, toParametersForm } from "../parameters/parameters-form.js";
import {
  type ApiFormValue,
  changeApiForm,
  emptyApiForm,
  isSameForm,
  newRouteRow,
  routeContent,
  routeLine,
} from "./api-form-state.js";

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
  const declared = toParametersForm({ query: [{ name: "page" }] });
  const withParameters = changeApiForm(form, { kind: "setRoute", key, fields: { parameters: declared } });
  expect(isSameForm(form, withParameters)).toBe(false);
  expect(
    isSameForm(
      form,
      changeApiForm(withParameters, { kind: "setRoute", key, fields: { parameters: noParameters } }),
    ),
  ).toBe(true);
  // The order of routes is content: people chose it.
  expect(isSameForm(form, changeApiForm(form, { kind: "moveRoute", key, to: 1 }))).toBe(false);
});

it("tells two versions of a route apart by all that is chosen for it, parameters too", () => {
  const row = newRouteRow({ path: "/a" });
  const other = { ...row, parameters: toParametersForm({ query: [{ name: "page" }] }) };
  expect(routeLine(other)).toBe("GET /a → (no integration), 1 parameter");
  const another = { ...row, parameters: toParametersForm({ query: [{ name: "from" }] }) };
  expect(routeLine(another)).toBe(routeLine(other));
  expect(routeContent(another)).not.toBe(routeContent(other));
});
