import fc from "fast-check";
import { buildSchema, getIntrospectionQuery, Kind, type OperationDefinitionNode, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { testLimits } from "../testing/fixture.js";
import { checkDocument, costOf, isTooLarge, parseBounded } from "./limits.js";

const refusal = (source: string) => checkDocument(parse(source), testLimits)?.message ?? null;

describe("checkDocument", () => {
  it("lets the standard introspection query pass", () => {
    expect(refusal(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }))).toBeNull();
  });

  it.each([
    ["depth", `{${"a{".repeat(15)}b${"}".repeat(16)}`, /16 levels/],
    [
      "depth through fragments",
      `{...A} fragment A on Q {${"a{".repeat(14)}...B${"}".repeat(15)} fragment B on Q {b{c}}`,
      /16 levels/,
    ],
    ["aliases", `{ ${Array.from({ length: 51 }, (_, i) => `x${i}: a`).join(" ")} }`, /aliases|at the top/],
    [
      "aliases below the top",
      `{ q { ${Array.from({ length: 51 }, (_, i) => `x${i}: a`).join(" ")} } }`,
      /50 aliases/,
    ],
    [
      "fields at the top",
      `mutation { ${Array.from({ length: 21 }, (_, i) => `f${i}`).join(" ")} }`,
      /21 fields at the top/,
    ],
    [
      "fields at the top through fragments",
      `{ ${Array.from({ length: 9 }, (_, i) => `...F${i}`).join(" ")} } ${Array.from({ length: 9 }, (_, i) => `fragment F${i} on Q { a${i} b${i} c${i} }`).join(" ")}`,
      /27 fields at the top/,
    ],
    ["repeats", `{ q { ${"a ".repeat(11)} } }`, /repeats "a"/],
    ["repeated spreads", `{ q { ${"...F ".repeat(11)} } } fragment F on Q { a }`, /repeats "...F"/],
    ["directives", `{ a ${"@x ".repeat(51)} }`, /directives/],
  ])("refuses too much: %s", (_, source, message) => {
    expect(refusal(source)).toMatch(message);
  });

  it("leaves fragments within themselves to validation, and comes to an end", () => {
    expect(refusal("{ ...A } fragment A on Q { a { ...B } } fragment B on Q { b { ...A } }")).toBeNull();
  });

  it("comes to an end quickly for whatever parses", () => {
    const name = fc.constantFrom("A", "B", "C", "D");
    const selection: fc.Arbitrary<string> = fc.letrec((tie) => ({
      set: fc
        .array(
          fc.oneof(
            { maxDepth: 6 },
            name.map((n) => `...${n}`),
            name,
            tie("nested") as fc.Arbitrary<string>,
          ),
          { minLength: 1, maxLength: 5 },
        )
        .map((s) => `{ ${s.join(" ")} }`),
      nested: fc.tuple(name, tie("set") as fc.Arbitrary<string>).map(([n, s]) => `${n} ${s}`),
    })).set as fc.Arbitrary<string>;
    fc.assert(
      fc.property(selection, selection, selection, selection, (a, b, c, d) => {
        const source = `${a} fragment A on Q ${b} fragment B on Q ${c} fragment C on Q ${d}`;
        // Of the processor, which a busy machine does not change.
        const before = process.cpuUsage();
        refusal(source);
        expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
      }),
    );
  });
});

describe("parseBounded", () => {
  const limits = { depthMax: 15, aliasesMax: 5, rootFieldsMax: 5, tokensMax: 2_000, costMax: 100 };

  it("takes values as deep as people write them, and refuses what would end the parser's stack", () => {
    const nested = (levels: number) => `{ a(b: ${"[".repeat(levels)}${"]".repeat(levels)}) }`;
    expect(parseBounded(nested(198), limits).definitions).toHaveLength(1);
    expect(() => parseBounded(nested(199), limits)).toThrow("nests more than 200");
    expect(() => parseBounded(nested(50_000), limits)).toThrow("nests more than 200");
    expect(() => parseBounded("{ a ".repeat(900), limits)).toThrow("nests more than 200");
  });

  it("refuses more tokens than are allowed, by itself: no other parse follows", () => {
    const fields = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `f${i}`).join(" ")} }`;
    expect(parseBounded(fields(1_998), limits).definitions).toHaveLength(1);
    let refusal: unknown;
    try {
      parseBounded(fields(1_999), limits);
    } catch (error) {
      refusal = error;
    }
    expect(isTooLarge(refusal)).toBe(true);
    expect(String(refusal)).toContain("more than 2000 tokens");
  });

  it("counts no bracket that is text", () => {
    const text = `{ a(b: "${"[".repeat(300)}", c: """${"{".repeat(300)}""") } # ${"(".repeat(300)}`;
    expect(parseBounded(text, limits).definitions).toHaveLength(1);
  });
});

describe("costOf", () => {
  const schema = buildSchema(`
    type Query { apis(first: Int, last: Int): ApiConnection! server: Server }
    type ApiConnection { nodes: [Api!]! edges: [Edge!]! totalCount: Int! }
    type Edge { node: Api! cursor: String! }
    type Api { id: ID! routes: [Route!]! peers(first: Int): ApiConnection! }
    type Route { path: String! }
    type Server { version: String! }
  `);
  const cost = (source: string, variables: Record<string, unknown> = {}) => {
    const document = parse(source);
    const operation = document.definitions.find(
      (d) => d.kind === Kind.OPERATION_DEFINITION,
    ) as OperationDefinitionNode;
    return costOf({ schema, document, operation, variables });
  };

  it.each([
    ["{ server { version } }", 2],
    ["{ apis(first: 10) { nodes { id } } }", 1 + 10 + 10],
    ["{ apis(last: 3) { edges { cursor node { id } } } }", 1 + 3 * 4],
    ["{ apis { nodes { id } } }", 1 + 50 * 2],
    ["{ apis(first: 2) { nodes { routes { path } } } }", 1 + 2 * (2 + 10)],
    ["{ apis(first: 10) { nodes { peers(first: 10) { nodes { id } } } } }", 1 + 10 + 10 + 100 + 100],
    ["{ ...F } fragment F on Query { apis(first: 10) { nodes { ...G } } } fragment G on Api { id }", 21],
    ["{ __schema { types { name } } }", 1],
  ])("%s costs %i", (source, expected) => {
    expect(cost(source)).toBe(expected);
  });

  it("counts variables", () => {
    expect(cost("query($n: Int) { apis(first: $n) { nodes { id } } }", { n: 100 })).toBe(201);
  });

  it("counts each fragment once, however often it is spread", () => {
    const fragments = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...on Query { ...F${i + 1} } }`,
    );
    const source = `{ ...F0 } ${fragments.join(" ")} fragment F40 on Query { server { version } __typename }`;
    expect(cost(source)).toBe(3 * 2 ** 40);
  });
});
