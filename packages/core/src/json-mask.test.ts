import { describe, expect, it } from "vitest";
import { MASKED, maskJson, parseMaskPath } from "./json-mask.js";

function masked(value: unknown, ...paths: readonly string[]): unknown {
  const parsed = paths.map((path) => {
    const result = parseMaskPath(path);
    if (!result.ok) throw new Error(`${path}: ${result.error}`);
    return result.value;
  });
  return maskJson(JSON.parse(JSON.stringify(value)), parsed);
}

describe("masks of JSON", () => {
  it("hide what a path leads to, and nothing else", () => {
    const order = { id: 1, card: { number: "4111" }, lines: [{ sku: "a", note: "x" }, { sku: "b" }] };
    expect(masked(order, "$.card.number")).toEqual({ ...order, card: { number: MASKED } });
    expect(masked(order, "$.card")).toEqual({ ...order, card: MASKED });
    expect(masked(order, "$.lines[*].note")).toMatchObject({
      lines: [{ sku: "a", note: MASKED }, { sku: "b" }],
    });
    expect(masked(order, "$['card']['number']", '$["id"]')).toMatchObject({
      id: MASKED,
      card: { number: MASKED },
    });
    expect(masked([{ a: 1 }, { a: 2 }], "$[*].a")).toEqual([{ a: MASKED }, { a: MASKED }]);
    expect(masked(order, "$.nothing.here", "$.id.deeper")).toEqual(order);
    expect(masked("text", "$.a")).toBe("text");
  });

  it("hide at any depth, within what is masked already too", () => {
    const value = { a: { secret: { secret: 1 } }, list: [[{ secret: [2] }]] };
    expect(masked(value, "$..secret")).toEqual({ a: { secret: MASKED }, list: [[{ secret: MASKED }]] });
    expect(masked({ a: { b: { c: 1 } }, b: 2 }, "$..b.c")).toEqual({ a: { b: { c: MASKED } }, b: 2 });
    expect(masked({ x: { y: 1 } }, "$..*")).toEqual({ x: MASKED });
    expect(masked({ list: [{ p: 1 }] }, "$..[*].p")).toEqual({ list: [{ p: MASKED }] });
  });

  it("mask a member as a whole that more rests of paths lead into than are followed", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${"}".repeat(500)}`) as object;
    const paths = Array.from({ length: 50 }, (_, i) => `$..a${".a".repeat(60)}.x${i}`);
    expect(masked(deep, ...paths)).toEqual({ a: { a: MASKED } });
    expect(masked(deep, paths[0] as string)).toEqual(deep);
  });

  it("take names of the prototype for names", () => {
    const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as object;
    expect(JSON.stringify(masked(value, "$.__proto__.a", "$.constructor"))).toBe(
      `{"__proto__":{"a":"${MASKED}"},"constructor":"${MASKED}"}`,
    );
  });

  it.each([
    "",
    "$",
    "a.b",
    "$.",
    "$.a[0]",
    "$.a[?(@.b)]",
    "$a",
    "$.a b",
    "$['a'",
    "$..a..b",
    `$.${"a".repeat(200)}`,
  ])("refuse %j, and say why", (path) => {
    expect(parseMaskPath(path)).toMatchObject({ ok: false, error: expect.stringMatching(/./) });
  });
});
