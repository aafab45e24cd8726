import { expect, it } from "vitest";
import { UnknownSecrets } from "./unknown-secrets.js";

it("knows what was added until it is emptied, and holds no more than a bounded number", () => {
  const unknown = new UnknownSecrets();
  unknown.add("a");
  expect([unknown.has("a"), unknown.has("b")]).toEqual([true, false]);
  unknown.clear();
  expect(unknown.has("a")).toBe(false);
  for (let i = 0; i < 10_000; i++) unknown.add(`secret ${i}`);
  const held = Array.from({ length: 10_000 }, (_, i) => `secret ${i}`).filter((one) => unknown.has(one));
  expect(held.length).toBeLessThanOrEqual(1_024);
  expect(held).toContain("secret 9999");
});

it("takes no secret for another one, whatever its characters", () => {
  const unknown = new UnknownSecrets();
  for (const secret of ["key \u0141", "key \u{10041}", "key \ud800", "key \u00c1"]) unknown.add(secret);
  expect([unknown.has("key A"), unknown.has("key \u00c1"), unknown.has("key \u0141")]).toEqual([
    false,
    true,
    true,
  ]);
});
