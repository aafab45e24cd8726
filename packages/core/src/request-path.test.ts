/** One spelling for a request path, and what is refused rather than guessed at. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizePath, type PathRefusalCode, pathRefusals } from "./request-path.js";

describe("normalizePath", () => {
  it.each([
    "/",
    "/orders",
    "/a//b",
    "/a//",
    "//",
    "/.well-known/openapi.json",
    "/...",
    "/a.b/..c/.d",
    "/a;v=1/b",
    "/!$&'()*+,;=:@-._~",
    "/a%2Fb%C3%A6",
  ])("returns %s itself", (path) => {
    expect(normalizePath(path)).toBe(path);
  });

  it.each([
    ["/orders/", "/orders"],
    ["/%6frders/", "/orders"],
    ["/%61bc", "/abc"],
    ["/%7Euser/%5F%2D%2e%2Ex", "/~user/_-..x"],
    ["/a%2fb", "/a%2Fb"],
    ["/%c3%a6", "/%C3%A6"],
    ["/%2561", "/%2561"],
    ["/%25%36%31", "/%2561"],
    ['/"<>[]^`{|}', "/%22%3C%3E%5B%5D%5E%60%7B%7C%7D"],
    ["/a%20b", "/a%20b"],
    ["/a%5cb", "/a%5Cb"],
    ["/%2E.well", "/..well"],
  ])("spells %s as %s", (raw, path) => {
    expect(normalizePath(raw)).toBe(path);
  });

  const refused: readonly (readonly [string, PathRefusalCode])[] = [
    ["", "not_absolute"],
    ["*", "not_absolute"],
    ["orders", "not_absolute"],
    ["http://a/b", "not_absolute"],
    ["/a b", "illegal_character"],
    ["/a?b", "illegal_character"],
    ["/a#b", "illegal_character"],
    ["/æ", "illegal_character"],
    ["/a\0", "control_character"],
    ["/a\tb", "control_character"],
    ["/a\x7f", "control_character"],
    ["/a%00", "control_character"],
    ["/a%0D%0AX-Evil:1", "control_character"],
    ["/a%7f", "control_character"],
    ["/a\\b", "backslash"],
    ["/..\\a", "backslash"],
    ["/a%", "bad_percent_encoding"],
    ["/a%4", "bad_percent_encoding"],
    ["/a%4g", "bad_percent_encoding"],
    ["/a% 41", "bad_percent_encoding"],
    ["/%C3", "bad_utf8"],
    ["/%C3a", "bad_utf8"],
    ["/%A6", "bad_utf8"],
    ["/%C0%AE%C0%AE/", "bad_utf8"],
    ["/%E0%80%AF", "bad_utf8"],
    ["/%ED%A0%80", "bad_utf8"],
    ["/%F5%80%80%80", "bad_utf8"],
    ["/.", "dot_segment"],
    ["/..", "dot_segment"],
    ["/a/../b", "dot_segment"],
    ["/a/./b", "dot_segment"],
    ["/a/%2e%2e/b", "dot_segment"],
    ["/a/.%2E", "dot_segment"],
    ["/a/..;x=1/b", "dot_segment"],
    ["/a/.;/b", "dot_segment"],
  ];
  it.each(refused)("refuses %j as %s", (raw, code) => {
    expect(normalizePath(raw)).toBe(pathRefusals[code]);
  });

  const wild = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "/",
          "//",
          ".",
          "..",
          ";",
          "%2e",
          "%2E",
          "%2F",
          "%C3%A6",
          "%e2%82%ac",
          "%41",
          "[",
          "\\",
        ),
        fc.string({ unit: "binary-ascii", maxLength: 3 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => `/${parts.join("")}`);

  it("is idempotent, keeps the number of segments, and means the same bytes", () => {
    fc.assert(
      fc.property(wild, (raw) => {
        const path = normalizePath(raw);
        if (typeof path !== "string") return;
        expect(normalizePath(path)).toBe(path);
        const kept = /[^/]\/$/.test(raw) ? raw.slice(0, -1) : raw;
        expect(path.split("/").length).toBe(kept.split("/").length);
        expect(decodeURIComponent(path)).toBe(decodeURIComponent(kept));
        expect(path).toMatch(/^\/[!-~]*$/);
        expect(path.split("/").some((s) => s === "." || s === "..")).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses exactly the escapes that decodeURIComponent refuses, and controls", () => {
    const escapes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 });
    fc.assert(
      fc.property(escapes, (bytes) => {
        const raw = `/x${bytes.map((b) => `%${b.toString(16).padStart(2, "0")}`).join("")}`;
        let decodable = true;
        try {
          decodeURIComponent(raw);
        } catch {
          decodable = false;
        }
        const hasControl = bytes.some((b) => b < 0x20 || b === 0x7f);
        expect(typeof normalizePath(raw) === "string").toBe(decodable && !hasControl);
      }),
      { numRuns: 5000 },
    );
  });
});
