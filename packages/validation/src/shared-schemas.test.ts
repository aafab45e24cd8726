/** Operations whose API shares schemas: small ones are checked inline, large ones in a thread, and neither costs the other. */
import { CheckPool, OperationCheckers, type RequestHead, SharedSchemas } from "@latchkey/validation";
import { expect, it } from "vitest";
import { MemberScan, type Span } from "./member-scan.js";

const head: RequestHead = {
  method: "POST",
  contentType: "application/json",
  contentEncoding: null,
  query: "",
  path: [],
  headers: [],
  hasBody: true,
};
const bodyOf = (name: string) => ({
  requestBody: { content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } } },
});
const MIB = 1024 * 1024;

function memberSpans(text: string, step: number): ReadonlyMap<string, Span> {
  const scan = new MemberScan(text);
  while (!scan.advance(step));
  return scan.spans;
}

/** How many turns of the event loop it took. */
async function untilScanned(shared: SharedSchemas): Promise<number> {
  shared.reachedBy({}, 0);
  let turns = 0;
  for (; !shared.isScanned; turns++) await new Promise((resolve) => setImmediate(resolve));
  return turns;
}
const large = { type: "object", properties: { a: { maximum: 9 } }, description: "x".repeat(4 * MIB) };

it("finds where each member of an object stands", () => {
  const objects: object[] = [
    {},
    { a: 1, b: "x", c: null, d: true },
    { 'a"b': { c: [1, { d: '}",{' }], "": {} }, "\\": "\\", 'c\\"': "\\\\", é: ["]"], __proto__: null },
    JSON.parse('{"__proto__":{"a":1},"constructor":[]}') as object,
  ];
  for (const object of objects)
    for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2)])
      for (const step of [1, 2, 3, 1_000]) {
        const spans = [...memberSpans(text, step)].map(([name, { from, to }]) => [
          name,
          JSON.parse(text.slice(from, to)),
        ]);
        expect(spans).toEqual(Object.entries(object));
      }
  for (const text of ['{"a', '{"a\\']) expect(() => memberSpans(text, 2)).toThrow(SyntaxError);
});

it("gives what a value leads to, or nothing when that is too much", () => {
  const schemas = {
    A: { properties: { b: { $ref: "#/components/schemas/B" }, a: { $ref: "#/components/schemas/A" } } },
    B: { $ref: "#/components/schemas/C%20D/properties/x" },
    "C D": { properties: { x: {} } },
    E: { description: "x".repeat(1_000) },
  };
  const shared = SharedSchemas.of(JSON.stringify(schemas));
  const { E: _, ...rest } = schemas;
  expect(shared.reachedBy({ allOf: [{ $ref: "#/components/schemas/A" }] }, 500)).toEqual(rest);
  expect(shared.reachedBy({ $ref: "#/components/schemas/E" }, 500)).toBeNull();
  expect(shared.reachedBy({ $ref: "#/components/schemas/none" }, 500)).toEqual({});
  expect(SharedSchemas.of(JSON.stringify(schemas))).toBe(shared);
});

it("scans megabytes between other work, and leaves everything to the threads until then", async () => {
  const shared = SharedSchemas.of(JSON.stringify({ Large: large, Other: large, Small: { maximum: 9 } }));
  expect(shared.reachedBy(bodyOf("Small"), 500)).toBeNull();
  expect(await untilScanned(shared)).toBeGreaterThan(60);
  expect(shared.reachedBy(bodyOf("Small"), 500)).toEqual({ Small: { maximum: 9 } });
});

it("tells of a large text that is no JSON once it was scanned", async () => {
  const shared = SharedSchemas.of(`{"Large":"${"x".repeat(MIB)}`);
  expect(shared.reachedBy({}, 500)).toBeNull();
  await untilScanned(shared).catch(() => undefined);
  expect(() => shared.reachedBy({}, 500)).toThrow(SyntaxError);
});

it("checks inline what leads to little, beside megabytes of others", async () => {
  const shared = SharedSchemas.of(JSON.stringify({ Large: large, Small: { maximum: 9 } }));
  await untilScanned(shared);
  const { inline } = new OperationCheckers().of(bodyOf("Small"), shared);
  if (inline === "unusable") throw new Error("unusable");
  expect(inline.request.checkBody(head, Buffer.from("10"))).toMatchObject({
    code: "request.schema_mismatch",
  });
});

it("leaves what leads to much to the threads, which get it once", async () => {
  await using pool = Object.assign(new CheckPool({ threadsMax: 1, checkMsMax: 60_000 }), {
    [Symbol.asyncDispose]: () => pool.close(),
  });
  const checkers = new OperationCheckers();
  // More than a thread keeps, so that it forgets and gets them again.
  const shared = ["a", "b", "c", "d", "e", "f"].map((mark) =>
    SharedSchemas.of(JSON.stringify({ Large: { ...large, title: mark } })),
  );
  for (let round = 0; round < 2; round++)
    for (const [i, one] of shared.entries()) {
      const parameters = [{ in: "query", name: `q${round}`, schema: { type: "integer" } }] as const;
      const checker = checkers.of({ ...bodyOf("Large"), parameters }, one);
      const { inline } = checker;
      if (inline === "unusable") throw new Error("unusable");
      // Its own parameters need nobody.
      expect(inline.request.checkHead({ ...head, query: `q${round}=x` })).toMatchObject({
        code: "request.schema_mismatch",
      });
      expect(inline.request.checkBody(head, Buffer.from("{}"))).toBe("later");
      const check = (body: string) =>
        pool.check(`api_${i}`, "key", checker, head, Buffer.from(body), () => true);
      expect(await check('{"a":9}')).toBeNull();
      expect(await check('{"a":10}')).toMatchObject({ code: "request.schema_mismatch" });
    }
});

it("does not read megabytes for each operation that leads to them", async () => {
  const shared = SharedSchemas.of(JSON.stringify({ Large: large, mark: "cpu" }));
  await untilScanned(shared);
  const checkers = new OperationCheckers();
  const before = process.cpuUsage();
  for (let i = 0; i < 200; i++) {
    const parameters = [{ in: "query", name: `q${i}`, schema: {} }] as const;
    expect(checkers.of({ ...bodyOf("Large"), parameters }, shared).inline).not.toBe("unusable");
  }
  const { user, system } = process.cpuUsage(before);
  // About 150 ms; 15 s when each operation's schemas are parsed, written and hashed.
  expect((user + system) / 1_000).toBeLessThan(2_000);
});
