import { expect, it } from "vitest";
import {
  type HeaderDirection,
  type HeaderRuleAction,
  headerRuleFault,
  parseHeaderValue,
} from "./header-rules.js";

it("reads literals, placeholders and doubled braces", () => {
  expect(parseHeaderValue("a{{b}} {path.id}-{header.X-A}{key.name}{query.q}{interchangeId}{key.id}")).toEqual(
    {
      ok: true,
      value: [
        "a{b} ",
        { source: "path", name: "id" },
        "-",
        { source: "header", name: "x-a" },
        { source: "key.name", name: "" },
        { source: "query", name: "q" },
        { source: "interchangeId", name: "" },
        { source: "key.id", name: "" },
      ],
    },
  );
});

it.each([
  ["a\r\nX-Evil: 1", "line break"],
  ["a\u0000", "line break"],
  ["café", "printable ASCII"],
  ["   ", "empty"],
  ["{path.id", "unclosed"],
  ["id}", "without"],
  ["{env.HOME}", "no placeholder"],
  ["{header.a b}", "no placeholder"],
  ["{header.Authorization}", "no placeholder"],
  ["{header.cookie}", "no placeholder"],
  ["{}", "no placeholder"],
  ["x".repeat(2001), "2000"],
])("refuses the value %j", (text, part) => {
  const parsed = parseHeaderValue(text);
  expect(parsed.ok ? "" : parsed.error).toContain(part);
});

it.each<[HeaderDirection, HeaderRuleAction, string]>([
  ["request", "set", "Content-Length"],
  ["request", "remove", "Transfer-Encoding"],
  ["request", "set", "Host"],
  ["request", "set", "Connection"],
  ["request", "set", "Upgrade"],
  ["request", "set", "X-Forwarded-For"],
  ["request", "set", "x_forwarded_anything"],
  ["request", "set", "Forwarded"],
  ["request", "set", "X-Real-IP"],
  ["request", "set", "X-HTTP-Method-Override"],
  ["request", "set", "ConfigCorrelationId"],
  ["request", "remove", "InterchangeId"],
  ["request", "set", "cx-path-id"],
  ["request", "set", "traceparent"],
  ["request", "append", "Authorization"],
  ["request", "append", "content_type"],
  ["request", "set", "X A"],
  ["request", "set", ""],
  ["response", "set", "Content-Length"],
  ["response", "set", "Latchkey-Error"],
  ["response", "set", "InterchangeId"],
  ["response", "set", "RateLimit"],
  ["response", "set", "Access-Control-Allow-Origin"],
  ["response", "set", "Set-Cookie"],
  ["response", "append", "Set-Cookie"],
])("refuses in a %s to %s %s", (direction, action, name) => {
  expect(headerRuleFault({ action, name, value: action === "remove" ? "" : "a" }, direction)).not.toBeNull();
});

it("accepts what people need", () => {
  for (const [direction, action, name, value] of [
    ["request", "set", "Authorization", "Basic abc"],
    ["request", "set", "SOAPAction", "{path.action}"],
    ["request", "remove", "Cookie", ""],
    ["response", "remove", "Set-Cookie", ""],
    ["response", "set", "Strict-Transport-Security", "max-age=31536000"],
    ["response", "append", "Vary", "Accept"],
  ] as const)
    expect([name, headerRuleFault({ action, name, value }, direction)]).toEqual([name, null]);
});
