/** Members are counted and found as the grammar of JSON has them, whatever stands in strings. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { countKeys, countMembers, findRepeatedMember } from "./json-members.js";

const SPACE = [" ", "\n", "\t", ""];
const name = fc.constantFrom("a", "b", ":", '"', "\\", "a/b", "~", "{", "é", "__proto__", "");

/** JSON text whose objects may name a member twice, with the pointers of the repeated ones in order. */
const text: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.constantFrom("1", "null", '"a:b"', '"{\\"x\\":1}"', '"\\\\"', "-1e5", '""'),
      fc.string().map((s) => JSON.stringify(s)),
    ),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(" , ")}]`),
    fc
      .array(fc.tuple(name, tie("value"), fc.constantFrom(...SPACE), fc.boolean()), { maxLength: 4 })
      .map(
        (members) =>
          `{${members.map(([key, value, space, isEscaped]) => `${space}${nameText(key, isEscaped)}${space}:${space}${value}`).join(",")}}`,
      ),
  ),
})).value;

/** With its first character as an escape, which is the same name. */
function nameText(key: string, isEscaped: boolean): string {
  if (!isEscaped || key === "") return JSON.stringify(key);
  const code = key.charCodeAt(0).toString(16).padStart(4, "0");
  return `"\\u${code}${JSON.stringify(key.slice(1)).slice(1)}`;
}

/** Repeated members by another way: each object is read with a reader that keeps all members. */
function repeats(json: string): number {
  let count = 0;
  let depth = 0;
  const names: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/gs)) {
    if (token === "{") names[depth++] = new Set();
    else if (token === "}") depth--;
    else if (token.endsWith(":") && !token.endsWith('":"')) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      const seen = names[depth - 1] as Set<string>;
      if (seen.has(key)) count++;
      seen.add(key);
    }
  }
  return count;
}

it("finds a repeated member exactly where there is one", () => {
  fc.assert(
    fc.property(text, (json) => {
      const value = JSON.parse(json) as unknown;
      const isRepeated = countMembers(Buffer.from(json)) !== countKeys(value);
      expect(findRepeatedMember(json) !== null).toBe(isRepeated);
      // Of a repeated object only the last is in the parsed value, so that counts differ by more than the repeats.
      expect(repeats(json) > 0).toBe(isRepeated);
    }),
    { numRuns: 2_000 },
  );
});

it("points to the member", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['{"a":1,"a":2}', "/a"],
    ['{"amo\\u0075nt":1,"amount":2}', "/amount"],
    ['{"a":[{"b":1},{"b":1,"c":{"d/e":1 , "d/e" : 2}}]}', "/a/1/c/d~1e"],
    ['{"a":{"a":1},"b":{"a":1}}', null],
    ['{"a":"\\"a\\":","b":1}', null],
    ['[[1,{"x":1}],{"x":1,"y":"x","x":2}]', "/1/x"],
    ['{"__proto__":1,"__proto__":2}', "/__proto__"],
  ];
  for (const [json, pointer] of cases) expect([json, findRepeatedMember(json)]).toEqual([json, pointer]);
});

it("does not recurse", () => {
  const depth = 200_000;
  const json = `${"[".repeat(depth)}{"a":1,"a":2}${"]".repeat(depth)}`;
  expect(countKeys(JSON.parse(json))).toBe(1);
  expect(findRepeatedMember(json)?.endsWith("/0/a")).toBe(true);
});
