import { expect, it } from "vitest";
import { isHttpUrl } from "./host-name.js";
import { parseUrl } from "./parse-url.js";

/** Enough for functions of Node.js to be compiled. */
const MANY = 300_000;

it("reads a URL with letters beyond ASCII the same way after many others", () => {
  for (let i = 0; i < MANY; i++) isHttpUrl(`https://a${i % 50}.example/`);
  expect(isHttpUrl("https://blåbær.example/")).toBe(true);
  expect(isHttpUrl("http://\u00c3\u0080/")).toBe(false);
  expect(parseUrl("https://blåbær.example/")?.hostname).toBe("xn--blbr-roah.example");
  expect(parseUrl("http://\u00c3\u0080/")).toBeNull();
  expect(parseUrl("/a", "https://blåbær.example/b")?.pathname).toBe("/a");
});
