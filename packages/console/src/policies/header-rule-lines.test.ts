import { expect, it } from "vitest";
import { readHeaderRule, showHeaderRules } from "./header-rule-lines.js";

it("reads the lines that it shows", () => {
  const rules = [
    { action: "SET", name: "X-Tenant", value: "north: {path.id}" },
    { action: "APPEND", name: "Vary", value: "Accept" },
    { action: "REMOVE", name: "Server", value: "" },
  ] as const;
  const text = "set X-Tenant: north: {path.id}\nappend Vary: Accept\nremove Server";
  expect(showHeaderRules(rules)).toBe(text);
  expect(text.split("\n").map(readHeaderRule)).toEqual(rules);
  expect(readHeaderRule("X-A: b")).toEqual({ action: "SET", name: "X-A", value: "b" });
});
