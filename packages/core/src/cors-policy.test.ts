import { describe, expect, it } from "vitest";
import { originPatternsOf, parseOriginPattern } from "./cors-policy.js";

describe("an origin of a CORS policy", () => {
  it.each([
    ["*", "*"],
    [" https://App.Example.com/ ", "https://app.example.com"],
    ["https://app.example.com:443", "https://app.example.com"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["https://*.example.com", "https://*.example.com"],
    ["http://*.localhost:3000", "http://*.localhost:3000"],
    ["https://blåbær.no", "https://xn--blbr-roah.no"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["capacitor://localhost", "capacitor://localhost"],
    ["chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"],
  ])("%s is spelled %s", (text, spelled) => {
    expect(parseOriginPattern(text)).toEqual({ ok: true, value: spelled });
  });

  it.each([
    ["", "scheme and a host"],
    ["app.example.com", "scheme and a host"],
    ["null", "`null`"],
    ["https://app.example.com/path", "remove the path"],
    ["https://me@app.example.com", "remove the path, the query and the user"],
    ["https://app.*.example.com", "at the start only"],
    ["https://*example.com", "at the start only"],
    ["https://*.com", "top-level domain"],
    ["https://*.127.0.0.1", "no subdomains"],
    ["https://*.[::1]", "no subdomains"],
    ["https://a b.example", "not valid"],
    ["https://-a.example", "letters, digits"],
    [`https://*.${"a".repeat(64)}.example`, "letters, digits"],
    ["https://app.example.com:99999", "not valid"],
    ["capacitor://local host", "nothing else"],
    [`https://${"a".repeat(300)}.example`, "at most 300 characters"],
  ])("%s is refused: %s", (text, reason) => {
    const parsed = parseOriginPattern(text);
    expect(parsed.ok ? "" : parsed.error).toContain(reason);
  });

  it("is allowed by itself, by the wildcards above it and by `*`", () => {
    expect(originPatternsOf("https://a.b.example.com:8443")).toEqual([
      "https://a.b.example.com:8443",
      "https://*.b.example.com:8443",
      "https://*.example.com:8443",
      "https://*.com:8443",
      "*",
    ]);
  });

  it.each([
    "null",
    "",
    'https://a".example',
    "https://Example.com",
    "https://a.example/",
    `https://${"a.".repeat(200)}a`,
  ])("%s, which no browser sends for a page with an origin, is allowed by `*` only", (origin) => {
    expect(originPatternsOf(origin)).toEqual(["*"]);
  });
});
