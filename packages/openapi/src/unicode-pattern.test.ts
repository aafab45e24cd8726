import fc from "fast-check";
import { expect, it } from "vitest";
import { inUnicodeMode } from "./unicode-pattern.js";

it.each([
  ["[\\w-\\.]+", "[\\w\\-\\.]+"],
  ["^[\\w-.]+@[\\w-]+\\.\\w+$", "^[\\w\\-.]+@[\\w-]+\\.\\w+$"],
  ["^[.-\\w]$", "^[.\\-\\w]$"],
  ["\\d{4}\\-\\d{2}\\:\\_\\@", "\\d{4}-\\d{2}:_@"],
  ["[\\_\\'\\-a]", "[_'\\-a]"],
  ["^{[a-z]+}$", "^\\{[a-z]+\\}$"],
  ["a]", "a\\]"],
])("%s is written as %s", (pattern, expected) => {
  expect(inUnicodeMode(pattern)).toBe(expected);
});

it.each(["a{,3}", "\\p{L}\\-", "[\\d-a-z]", "(?P<name>a)", "(", "\\k\\-"])(
  "%s stays out: what it means is not certain",
  (pattern) => {
    expect(inUnicodeMode(pattern)).toBeNull();
  },
);

const piece = fc.constantFrom(
  ..."a b 1 - _ . : @ { } ] [ ^ $ ( ) * + ? | , \\w \\d \\S \\- \\. \\_ \\: \\@ \\] \\} {2} {1,} [\\w-. [a-z [^".split(
    " ",
  ),
);

it("matches what the pattern matches without the flag", () => {
  let respelled = 0;
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join("")),
      fc.array(fc.string({ unit: fc.constantFrom(..."ab1-_.:@{}][z,") }), { minLength: 8, maxLength: 8 }),
      (pattern, texts) => {
        const unicode = inUnicodeMode(pattern);
        if (unicode === null) return;
        if (unicode !== pattern) respelled++;
        const [one, other] = [new RegExp(pattern), new RegExp(unicode, "u")];
        for (const text of texts)
          expect(other.test(text), `${pattern} → ${unicode}: ${text}`).toBe(one.test(text));
      },
    ),
    { numRuns: 3_000 },
  );
  expect(respelled).toBeGreaterThan(100);
});
