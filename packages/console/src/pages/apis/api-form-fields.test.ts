import { expect, it } from "vitest";
import { changedFields, compareVersions, mergeVersions } from "../../forms/form-fields.js";
import { apiFormFields } from "./api-form-fields.js";
import { type ApiFormValue, emptyApiForm, newRouteRow } from "./api-form-state.js";

const [a, b, c] = ["/a", "/b", "/c"].map((path) => newRouteRow({ id: path, path }));
if (a === undefined || b === undefined || c === undefined) throw new Error("no rows");

function withRoutes(...routes: ApiFormValue["routes"]): ApiFormValue {
  return { ...emptyApiForm, routes };
}

function merged(base: ApiFormValue, mine: ApiFormValue, theirs: ApiFormValue) {
  const versions = { base, mine, theirs };
  const comparisons = compareVersions(apiFormFields, versions);
  return {
    asked: comparisons.filter(({ changedBy }) => changedBy === "both").map(({ field }) => field.label),
    paths: mergeVersions(comparisons, versions, () => "mine").routes.map((row) => row.path),
  };
}

it("merges what two people did to different routes", () => {
  const mine = withRoutes(b, { ...a, path: "/a2" }, c, newRouteRow({ path: "/mine" }));
  const theirs = withRoutes(a, { ...b, path: "/b2" }, newRouteRow({ id: "4", path: "/theirs" }));
  const result = merged(withRoutes(a, b, c), mine, theirs);
  expect(result.asked).toEqual([]);
  expect(result.paths).toEqual(["/b2", "/a2", "/theirs", "/mine"]);
});

it("asks for a route that both changed, and for one that one side removed and the other changed", () => {
  const mine = withRoutes({ ...a, path: "/mine" }, { ...b, validate: true });
  const theirs = withRoutes({ ...a, path: "/theirs" });
  const result = merged(withRoutes(a, b), mine, theirs);
  expect(result.asked).toEqual(["Route GET /a", "Route GET /b"]);
  expect(result.paths).toEqual(["/mine", "/b"]);
});

it("finds no change in versions that say the same", () => {
  const again = withRoutes({ ...a }, { ...b });
  expect([...changedFields(apiFormFields, withRoutes(a, b), again)]).toEqual([]);
  expect([...changedFields(apiFormFields, withRoutes(a, b), withRoutes(b, a))]).toEqual(["routes.order"]);
});
