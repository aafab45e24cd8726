import { expect, it } from "vitest";
import { PathTemplate } from "./path-template.js";

const fill = (path: string, ...headers: string[]) =>
  PathTemplate.of(new URL(path, "http://a").pathname)?.fill(headers);

it("takes values as they are, by the header's name", () => {
  expect(PathTemplate.of("/a/b")).toBeNull();
  expect(fill("/a/{Id}.json", "x", "cx-path-id", "cx-path-id", "7%2F8")).toBe("/a/7%2F8.json");
  expect(fill("/{a}/{b}", "cx-path-b", "2", "cx-path-a", "1")).toBe("/1/2");
});

it("gives no path where a parameter is missing or values make a dot segment", () => {
  expect(fill("/{a}")).toBeNull();
  for (const [a, b] of [
    [".", "."],
    ["", "."],
    ["%2e", "."],
    ["%2E", "%2e"],
    [".", ".;x"],
  ] as const)
    expect(fill("/x/{a}{b}/y", "cx-path-a", a, "cx-path-b", b), `${a}${b}`).toBeNull();
  expect(fill("/x/{a}{b}", "cx-path-a", ".", "cx-path-b", "..")).toBe("/x/...");
  for (const value of ["..%2f..%2Fadmin", "a%2F..", "..%5c..%5Cadmin", "%2E%2e%2fadmin", "..%3bx", "a%5c."])
    expect(fill("/x/{a}", "cx-path-a", value), value).toBeNull();
  expect(fill("/x/{a}", "cx-path-a", "v1..2%2Fa.b%2F...")).toBe("/x/v1..2%2Fa.b%2F...");
});
