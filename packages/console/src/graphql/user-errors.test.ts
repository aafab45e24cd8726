import { expect, it } from "vitest";
import { FieldErrors } from "./user-errors.js";

const errors = new FieldErrors([
  { field: ["input", "title"], code: "REQUIRED", message: "The title is required." },
  { field: ["input", "routes", "2", "path"], code: "PATH_MALFORMED", message: "Bad path." },
  { field: ["input", "routes", "2", "path"], code: "DUPLICATE_ROUTE", message: "Twice." },
  { field: [], code: "STORAGE_FULL", message: "Full." },
]);

it("finds every refusal of a field, and none of its neighbours", () => {
  expect(errors.at("title")).toBe("The title is required.");
  expect(errors.at("routes.2.path")).toBe("Bad path. Twice.");
  expect(errors.at("routes.1.path")).toBeNull();
  expect(errors.under("routes")).toBe("Bad path.");
});

it("keeps what no field shows for the top of the form", () => {
  expect(errors.elsewhere((path) => path !== "")).toEqual(["Full."]);
});

it("gives what is below a field with the paths from there on", () => {
  const ofRoute = errors.below("routes.2");
  expect(ofRoute.at("path")).toBe("Bad path. Twice.");
  expect(ofRoute.all).toHaveLength(2);
  expect(errors.below("routes.2.path").at("")).toBe("Bad path. Twice.");
  expect(errors.below("routes.1")).toBe(FieldErrors.none);
});

it("forgets a field with all below it once it is edited, and nothing else", () => {
  const left = errors.without("routes");
  expect(left.at("routes.2.path")).toBeNull();
  expect(left.at("title")).not.toBeNull();
  expect(errors.without("route")).toBe(errors);
});
