/** What a path pattern may be, what its one spelling is, and the error that its author gets. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  normalizedKey,
  normalizePath,
  parseRoutePattern,
  type RoutePattern,
  type RoutePatternErrorCode,
  routePatternLimits,
} from "./route-pattern.js";
import { spellPattern } from "./spell-pattern.js";

function parsed(source: string): RoutePattern {
  const result = parseRoutePattern(source);
  if (!result.ok) throw new Error(`${source}: ${result.error.message}`);
  return result.value;
}

describe("a pattern that is accepted", () => {
  it.each([
    ["/", "/", ""],
    ["/orders", "/orders", "orders"],
    ["/orders/", "/orders", "orders"],
    ["/orders/{id}", "/orders/{id}", "orders {id}"],
    ["/{tenant}/files/{path*}", "/{tenant}/files/{path*}", "{tenant} files {path*}"],
    ["/{all*}/", "/{all*}", "{all*}"],
    ["/%61%2Db", "/a-b", "a-b"],
    ["/a%2fb", "/a%2Fb", "a%2Fb"],
    ["/blåbær", "/bl%C3%A5b%C3%A6r", "bl%C3%A5b%C3%A6r"],
    ["/%c3%a5", "/%C3%A5", "%C3%A5"],
    ["/😀", "/%F0%9F%98%80", "%F0%9F%98%80"],
    ["/two words", "/two%20words", "two%20words"],
    ['/a"b[c]|d', "/a%22b%5Bc%5D%7Cd", "a%22b%5Bc%5D%7Cd"],
    ["/%7Bid%7D", "/%7Bid%7D", "%7Bid%7D"],
    ["/v1.2/.well-known/...", "/v1.2/.well-known/...", "v1.2 .well-known ..."],
    ["/a;v=1/b,c/x:y/@me/a*b", "/a;v=1/b,c/x:y/@me/a*b", "a;v=1 b,c x:y @me a*b"],
    ["/Orders", "/Orders", "Orders"],
    ["/{id}.json", "/{id}.json", "<|.json>"],
    ["/{id}:archive/", "/{id}:archive", "<|:archive>"],
    ["/Products({id})/x", "/Products({id})/x", "<Products(|)> x"],
    ["/{a}-{b}/{c}", "/{a}-{b}/{c}", "<|-|> {c}"],
    ["/report-{year}.csv", "/report-{year}.csv", "<report-|.csv>"],
    ["/.{a}/:{b}/*{c}/..{d}.", "/.{a}/:{b}/*{c}/..{d}.", "<.|> <:|> <*|> <..|.>"],
    ["/%61{a}%2d{b}%2f{c}å", "/a{a}-{b}%2F{c}%C3%A5", "<a|-|%2F|%C3%A5>"],
  ])("%s reads as %s", (source, text, segments) => {
    const pattern = parsed(source);
    expect(pattern.text).toBe(text);
    const shown = pattern.segments.map((s) => {
      if (s.kind === "mixed") return `<${s.literals.join("|")}>`;
      return s.kind === "static" ? s.text : s.kind === "parameter" ? `{${s.name}}` : `{${s.name}*}`;
    });
    expect(shown.join(" ")).toBe(segments);
  });

  it("names its parameters in order, spelled as given", () => {
    expect(parsed("/{Tenant}/{order-id}/{rest_1*}").parameterNames).toEqual(["Tenant", "order-id", "rest_1"]);
    expect(parsed("/{Tenant}.{kind}/x({order-id})").parameterNames).toEqual(["Tenant", "kind", "order-id"]);
    expect(parsed("/{a}.{b}/x({c})").segments).toMatchObject([{ names: ["a", "b"] }, { names: ["c"] }]);
  });

  it("may be as long and as deep as the limits say", () => {
    expect(parsed(`/${"a".repeat(routePatternLimits.charsMax - 1)}`).text).toHaveLength(2048);
    expect(parsed("/a".repeat(routePatternLimits.segmentsMax)).segments).toHaveLength(64);
    expect(parsed(`/{${"n".repeat(64)}}`).parameterNames[0]).toHaveLength(64);
  });
});

describe("a pattern that is refused says what, where and what would be right", () => {
  const cases: readonly (readonly [string, RoutePatternErrorCode, number, RegExp])[] = [
    ["", "not_absolute", 0, /write "\/"/],
    ["orders", "not_absolute", 0, /write "\/orders"/],
    ["https://a.example/b", "not_absolute", 0, /starts with "\/"/],
    ["//", "empty_segment", 1, /single "\/"/],
    ["/a//b", "empty_segment", 3, /single "\/"/],
    ["/a//", "empty_segment", 3, /single "\/"/],
    ["/a/./b", "dot_segment", 3, /full path/],
    ["/a/..", "dot_segment", 3, /full path/],
    ["/a/%2e%2E/b", "dot_segment", 3, /full path/],
    ["/a/..;x/b", "dot_segment", 3, /full path/],
    ["/a?b=1", "illegal_character", 2, /%3F/],
    ["/a#b", "illegal_character", 2, /%23/],
    ["/a\\b", "backslash", 2, /%5C/],
    ["/a\nb", "control_character", 2, /remove it/],
    ["/a\0", "control_character", 2, /remove it/],
    ["/a%00", "control_character", 2, /remove it/],
    ["/a/b%0d%0ac", "control_character", 4, /remove it/],
    ["/a%7F", "control_character", 2, /remove it/],
    ["/100%", "bad_percent_encoding", 4, /%25/],
    ["/a%2", "bad_percent_encoding", 2, /%25/],
    ["/a%zz", "bad_percent_encoding", 2, /%25/],
    ["/%C0%AE", "bad_utf8", 1, /encoded for you/],
    ["/%C3/%A6", "bad_utf8", 4, /encoded for you/],
    ["/%C3%ZZ", "bad_percent_encoding", 4, /%25/],
    ["/%ED%A0%80", "bad_utf8", 4, /encoded for you/],
    ["/%F4%90%80%80", "bad_utf8", 4, /encoded for you/],
    ["/a\ud800", "bad_utf8", 2, /encoded for you/],
    ["/:id", "foreign_wildcard", 1, /\{name\}/],
    ["/files/*", "foreign_wildcard", 7, /\{name\*\}/],
    ["/files/**", "foreign_wildcard", 7, /\{name\*\}/],
    ["/x/{a}{b}", "bad_parameter", 6, /text between them/],
    ["/x{a}{b}", "bad_parameter", 5, /text between them/],
    ["/{id", "bad_parameter", 1, /unclosed \{/],
    ["/id}", "bad_parameter", 3, /\} without/],
    ["/{id}}", "bad_parameter", 5, /\} without/],
    ["/{id}.{js", "bad_parameter", 6, /unclosed \{/],
    ["/{a{b}}", "bad_parameter", 1, /unclosed \{/],
    ["/{", "bad_parameter", 1, /unclosed \{/],
    ["/{id}.{1}", "bad_parameter_name", 7, /a letter, then/],
    ["/{id}.{ID}", "duplicate_parameter", 6, /its own name/],
    ["/{path*}.json", "rest_not_whole", 1, /\/\{path\*\}/],
    ["/files-{path*}", "rest_not_whole", 7, /\/\{path\*\}/],
    ["/{a}%C3{b}%A5", "bad_utf8", 7, /encoded for you/],
    ["/{a}?b", "illegal_character", 4, /%3F/],
    [`/${Array.from({ length: 65 }, (_, k) => `{p${k}}`).join("-")}`, "too_many_parameters", 375, /64/],
    ["/{}", "bad_parameter_name", 2, /a letter, then/],
    ["/{*}", "bad_parameter_name", 2, /a letter, then/],
    ["/{*path}", "bad_parameter_name", 2, /\{name\*\}/],
    ["/{1st}", "bad_parameter_name", 2, /a letter, then/],
    ["/{a b}", "bad_parameter_name", 2, /a letter, then/],
    ["/{å}", "bad_parameter_name", 2, /a letter, then/],
    [`/{${"n".repeat(65)}}`, "bad_parameter_name", 2, /64/],
    ["/{id}/x/{ID}", "duplicate_parameter", 8, /its own name/],
    ["/{path*}/x", "rest_not_last", 9, /\{path\} for a single segment/],
    ["/a".repeat(65), "too_many_segments", 129, /64/],
    [`/${"a".repeat(2048)}`, "too_long", 2048, /2048/],
    // Short as typed, too long in the spelling that is stored and parsed again.
    [`/${"å".repeat(400)}`, "too_long", 401, /after percent-encoding/],
  ];
  it.each(cases)("%j is %s at %i", (source, code, offset, advice) => {
    const result = parseRoutePattern(source);
    expect(result).toMatchObject({ ok: false, error: { code, offset } });
    if (!result.ok) expect(result.error.message).toMatch(advice);
  });

  it("never says more than one short line, whatever was typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (typed) => {
        const result = parseRoutePattern(typed);
        if (result.ok) return;
        expect(result.error.message.length).toBeLessThan(600);
        expect(result.error.message).not.toContain("\n");
        expect(result.error.offset).toBeGreaterThanOrEqual(0);
        expect(result.error.offset).toBeLessThanOrEqual(typed.length);
      }),
    );
  });
});

describe("normalizedKey", () => {
  it.each([
    ["/a/{x}", "/a/{y}", true],
    ["/a/{x}/", "/a/{X}", true],
    ["/a/{x*}", "/a/{y*}", true],
    ["/%61", "/a", true],
    ["/a/{x}", "/a/{x*}", false],
    ["/a/{x}", "/a/x", false],
    ["/a", "/A", false],
    ["/%7B%7D", "/{x}", false],
    ["/{x}.json", "/{y}.json", true],
    ["/{x}.{y}", "/{y}.{x}", true],
    ["/{x}.json", "/{x}.xml", false],
    ["/{x}.json", "/{x}", false],
  ])("%s and %s: same is %s", (one, other, same) => {
    expect(normalizedKey(parsed(one)) === normalizedKey(parsed(other))).toBe(same);
  });
});

const staticSegment = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((text) => parseRoutePattern(`/${text}`).ok && !/[/{}]/.test(text));
const segment = fc.oneof(
  { weight: 3, arbitrary: staticSegment },
  { weight: 2, arbitrary: fc.stringMatching(/^\{[A-Za-z][A-Za-z0-9_-]{0,5}\}$/) },
  {
    weight: 1,
    arbitrary: fc.stringMatching(/^[a.%]{0,2}\{[A-Za-z]{1,3}\}(?:[.-]\{[A-Za-z]{4,5}\})?[å.:]?$/),
  },
);
const patternSource = fc
  .array(segment, { maxLength: 6 })
  .map((segments) => `/${segments.join("/")}`)
  .filter((source) => parseRoutePattern(source).ok);

/** What patterns are made of and what they must not have, put together at random. */
const nearPattern = fc
  .array(
    fc.oneof(
      segment,
      fc.constantFrom("", ".", "..", "*", "**", "*x", ":id", "a*b", "a.b", "%2F", "%61", "å", " ", "{", "}"),
      fc.constantFrom(
        "{a*}",
        "{A}",
        "{a}",
        "{ab}",
        "{b-}",
        "{b_}",
        "{1}",
        "{a}b",
        "{c}.{d}",
        "e{f}",
        "{c}{d}",
        "{a{b}}",
        `{${"n".repeat(65)}}`,
      ),
      fc.constantFrom("x".repeat(2041), "x/".repeat(63)),
    ),
    { maxLength: 5 },
  )
  .map((segments) => `/${segments.join("/")}`);

describe("for any text", () => {
  it("the fast pass gives what the slow one gives", () => {
    let plain = 0;
    fc.assert(
      fc.property(nearPattern, (source) => {
        const result = parseRoutePattern(source);
        const spelled = spellPattern(source);
        expect(result.ok ? result.value.text : result.error).toEqual(
          spelled.ok ? spelled.value : spelled.error,
        );
        if (result.ok && result.value.text === source) plain++;
      }),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(300);
  });
});

describe("for any pattern", () => {
  it("parsing its text again gives the same pattern", () => {
    fc.assert(
      fc.property(patternSource, (source) => {
        const pattern = parsed(source);
        const again = parsed(pattern.text);
        expect([again.text, again.segments, again.parameterNames]).toEqual([
          pattern.text,
          pattern.segments,
          pattern.parameterNames,
        ]);
      }),
    );
  });

  it("its static segments are spelled as normalizePath spells a request", () => {
    fc.assert(
      fc.property(staticSegment, (text) => {
        const { text: path } = parsed(`/${text}`);
        expect(normalizePath(path)).toBe(path);
        expect(path).toMatch(/^\/[!-~]+$/);
      }),
    );
  });

  it("a URL that a client builds from the segments meets it", () => {
    fc.assert(
      fc.property(staticSegment, (text) => {
        fc.pre(!text.includes("%"));
        const path = normalizePath(new URL(`http://a/${encodeURIComponent(text)}`).pathname);
        const key = parsed(`/${text}`).text;
        // encodeURIComponent also encodes sub-delims, which stay distinct from their escapes by rule.
        fc.pre(!/[!$&'()*+,;=:@]/.test(text));
        expect(path).toBe(key);
      }),
    );
  });
});
