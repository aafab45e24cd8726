import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { ClientAddresses } from "./client-address.js";
import { OriginPolicy } from "./origin-policy.js";

const policy = (publicOrigins: readonly string[] = [], trusted: readonly string[] = []) =>
  new OriginPolicy({
    publicOrigins,
    corsOrigins: ["https://tool.example"],
    addresses: new ClientAddresses(trusted),
  });
const request = (headers: Record<string, string>) =>
  ({ headers, socket: { remoteAddress: "127.0.0.1" } }) as unknown as IncomingMessage;

it.each([
  ["no browser", {}, true],
  ["the same host", { origin: "http://c.example:4000", host: "c.example:4000" }, true],
  ["a default port that is written out", { origin: "https://c.example", host: "c.example:443" }, true],
  ["a default port of http", { origin: "http://c.example", host: "c.example:80" }, true],
  ["another port", { origin: "http://c.example:8080", host: "c.example:4000" }, false],
  ["another host", { origin: "http://evil.example", host: "c.example" }, false],
  [
    "a rewritten Host, and a browser that knows",
    { origin: "https://c.example", host: "127.0.0.1:4000", "sec-fetch-site": "same-origin" },
    true,
  ],
  [
    "a rewritten Host, and a browser that does not say",
    { origin: "https://c.example", host: "127.0.0.1:4000" },
    false,
  ],
  [
    "another site, although Host fits",
    { origin: "https://c.example", host: "c.example", "sec-fetch-site": "cross-site" },
    false,
  ],
  [
    "another port of the same site",
    { origin: "http://c.example:8080", host: "c.example", "sec-fetch-site": "same-site" },
    false,
  ],
  ["a page without an origin", { origin: "null", host: "c.example" }, false],
  ["a cross-site request without Origin", { host: "c.example", "sec-fetch-site": "cross-site" }, false],
])("takes a request of %s for the console's own: %s", (_what, headers, expected) => {
  expect(policy().isOwn(request(headers as Record<string, string>))).toBe(expected);
});

it("knows public origins, and X-Forwarded-Host of trusted proxies only", () => {
  const rewritten = { origin: "https://c.example", host: "127.0.0.1:4000" };
  expect(policy(["https://c.example"]).isOwn(request(rewritten))).toBe(true);
  const forwarded = request({ ...rewritten, "x-forwarded-host": "c.example" });
  expect(policy().isOwn(forwarded)).toBe(false);
  expect(policy([], ["127.0.0.0/8"]).isOwn(forwarded)).toBe(true);
});

it("says what came and what to set", () => {
  const { message } = policy().refusal(request({ origin: "https://c.example", host: "127.0.0.1:4000" }));
  for (const part of ["https://c.example", "127.0.0.1:4000", "http.publicOrigins", "http.corsOrigins"])
    expect(message).toContain(part);
});

it("says what came without Origin", () => {
  const { message } = policy().refusal(request({ host: "c.example", "sec-fetch-site": "cross-site" }));
  expect(message).toContain("Sec-Fetch-Site: cross-site");
  expect(message).not.toContain("http.publicOrigins");
});
