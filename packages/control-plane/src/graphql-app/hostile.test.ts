/** What a whole control plane does with operations that are made to hurt: each limit at its bound, and the time it takes. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { buildClientSchema, getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlPlaneSchema } from "../config.js";
import { type ControlPlane, runControlPlane } from "../run.js";
import { type Json, SETUP_MS_MAX } from "../testing/fixture.js";

const TOKEN = "an-admin-token-of-the-tests";
const BODY_BYTES_MAX = 262_144;
let folder: string;
let controlPlane: ControlPlane;
let count = 0;

function start(graphql: object): Promise<ControlPlane> {
  count += 1;
  const config = controlPlaneSchema.parse({
    dataDir: join(folder, `data-${count}`),
    adminToken: TOKEN,
    http: { port: 0, bodyBytesMax: BODY_BYTES_MAX },
    grpc: { port: 0 },
    graphql,
  });
  return runControlPlane(config, { logger: createLogger({ name: "test", level: "silent" }) });
}

async function send(body: string, to = controlPlane): Promise<{ status: number; text: string; ms: number }> {
  const started = performance.now();
  const response = await fetch(to.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
    body,
  });
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - started };
}

async function ask(body: object, to = controlPlane): Promise<Json> {
  return JSON.parse((await send(JSON.stringify(body), to)).text);
}

const codeOf = async (query: string): Promise<unknown> => (await ask({ query })).errors?.[0].extensions.code;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-hostile-"));
  controlPlane = await start({
    depthMax: 8,
    aliasesMax: 5,
    rootFieldsMax: 4,
    tokensMax: 500,
    costMax: 1_000,
  });
}, SETUP_MS_MAX);
afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `levels` deep: four of the first, then pairs of a connection and its nodes. */
const deep = (levels: number): string =>
  `{ apis(first: 1) { nodes ${"{ subscription { apis(first: 1) { nodes ".repeat((levels - 3) / 3)}{ id }${" } } }".repeat((levels - 3) / 3)} } }`;
const aliases = (n: number): string =>
  `{ viewer { ${Array.from({ length: n }, (_, i) => `a${i}: actor`).join(" ")} } }`;
const roots = (n: number): string => `{ ${"viewer { actor } ".repeat(n)} }`;
/** One name so often in one selection. */
const repeats = (n: number): string => `{ viewer { ${"actor ".repeat(n)} } }`;

describe("each limit", () => {
  it.each([
    ["depth", deep(6), deep(9)],
    ["aliases", aliases(5), aliases(6)],
    ["fields at the top", roots(4), roots(5)],
    ["repeats of one field", repeats(10), repeats(11)],
    [
      "cost",
      "{ apis(first: 100) { nodes { id title summary version } } }",
      "{ apis(first: 100) { nodes { id title summary version createdAt updatedAt versionLabel routes { id path } } } }",
    ],
  ])("holds: %s", async (_name, within, beyond) => {
    expect(await codeOf(within)).toBeUndefined();
    expect(await codeOf(beyond)).toBe("OPERATION_TOO_LARGE");
  });

  it("holds: tokens, batches and bytes of the body", async () => {
    const long = `{ viewer { actor } } #`;
    expect(await codeOf(`${long}${"x".repeat(100_000)}`)).toBeUndefined();
    expect(await codeOf(`{ viewer { actor(${"a: 1 ".repeat(200)}) } }`)).toBe("OPERATION_TOO_LARGE");
    const batch = [{ query: "{ viewer { actor } }" }, { query: "{ viewer { actor } }" }];
    expect((await send(JSON.stringify(batch))).status).toBe(400);
    expect((await send(JSON.stringify({ query: `${long}${"x".repeat(BODY_BYTES_MAX)}` }))).status).toBe(413);
  });
});

describe("introspection", () => {
  it("is on or off where it is said, and on by itself while the server listens on loopback (access.test.ts)", async () => {
    const introspect = { query: "{ __schema { queryType { name } } }" };
    expect((await ask(introspect)).data).toEqual({ __schema: { queryType: { name: "Query" } } });
    // As deep as tools ask for it, whatever the depth limit of other operations is.
    const whole = await ask({ query: getIntrospectionQuery() });
    expect(buildClientSchema(whole.data).getQueryType()?.name).toBe("Query");
    await using on = await start({ introspection: "on" });
    expect((await ask(introspect, on)).data).toBeDefined();
    await using off = await start({ introspection: "off" });
    expect((await ask(introspect, off)).data).toBeUndefined();
  });
});

describe("persisted operations", () => {
  const query = "{ viewer { actor } }";
  const hashed = (text: string) => ({
    persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(text).digest("hex") },
  });

  it("are refused unless they are wanted", async () => {
    const response = await ask({ query, extensions: hashed(query) });
    expect(response.errors?.[0].extensions.code).toBe("PERSISTED_QUERY_NOT_SUPPORTED");
  });

  it("are taken by their hash once they came whole, and checked then", async () => {
    await using wanting = await start({ persistedQueries: true, aliasesMax: 5 });
    const code = (response: Json) => response.errors?.[0].extensions.code;
    expect(code(await ask({ extensions: hashed(query) }, wanting))).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect((await ask({ query, extensions: hashed(query) }, wanting)).data).toEqual({
      viewer: { actor: "admin" },
    });
    expect((await ask({ extensions: hashed(query) }, wanting)).data).toEqual({ viewer: { actor: "admin" } });
    // Neither another text under a known hash, nor one that is too large.
    expect(
      (await ask({ query: "{ server { version } }", extensions: hashed(query) }, wanting)).data,
    ).toBeUndefined();
    const large = aliases(6);
    expect(code(await ask({ query: large, extensions: hashed(large) }, wanting))).toBe("OPERATION_TOO_LARGE");
    expect(code(await ask({ extensions: hashed(large) }, wanting))).toBe("PERSISTED_QUERY_NOT_FOUND");
  });
});

describe("hostile operations", () => {
  const json = (query: string): string => JSON.stringify({ query });
  const hostile: readonly (readonly [string, () => string])[] = [
    ["50 000 levels", () => json(`${"{a".repeat(50_000)}${"}".repeat(50_000)}`)],
    ["50 000 levels of a list value", () => json(`{ a(b: ${"[".repeat(50_000)}${"]".repeat(50_000)}) }`)],
    ["60 000 times the same field", () => json(`{ viewer { ${"a ".repeat(60_000)} } }`)],
    ["200 times the same field", () => json(`{ viewer { ${"actor ".repeat(200)} } }`)],
    ["60 directives", () => json(`{ viewer { actor ${"@skip(if: false) ".repeat(60)} } }`)],
    [
      "fragments within themselves",
      () => json("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    ],
    [
      "fragments that double 40 times",
      () =>
        json(
          `{ ...F0 } ${Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(" ")} fragment F40 on Query { viewer { actor } }`,
        ),
    ],
    [
      "introspection of introspection",
      () =>
        json(`{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }`),
    ],
    ["a page of a billion", () => json("{ apis(first: 1000000000) { nodes { id } } }")],
    ["a string that does not end", () => json(`{ a(b: """${"x".repeat(200_000)}`)],
    ["200 000 bytes of nothing", () => json(" ".repeat(200_000))],
    [
      "variables 50 000 levels deep",
      () => `{"query":"{ viewer { actor } }","variables":{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`,
    ],
    [
      "20 000 variables that nobody uses",
      () =>
        `{"query":"{ viewer { actor } }","variables":{${Array.from({ length: 20_000 }, (_, i) => `"v${i}":1`).join(",")}}}`,
    ],
    ["a query that is a number", () => '{"query":1}'],
    [
      "__proto__ among the variables",
      () => '{"query":"{ viewer { actor } }","variables":{"__proto__":{"a":1}}}',
    ],
    [
      "40 operations in one document",
      () => json(Array.from({ length: 40 }, (_, i) => `query Q${i} { viewer { actor } }`).join(" ")),
    ],
  ];

  it("get a response, and honest ones meanwhile and afterwards as well", async () => {
    await using standard = await start({});
    const times: string[] = [];
    for (const [name, make] of hostile) {
      const [response, honest] = await Promise.all([
        send(make(), standard),
        ask({ query: "{ viewer { actor } }" }, standard),
      ]);
      expect(response.status, name).toBeLessThan(500);
      expect(() => JSON.parse(response.text), name).not.toThrow();
      expect(response.text, name).not.toMatch(/node_modules|\.js:|INTERNAL/);
      expect(honest.data, name).toEqual({ viewer: { actor: "admin" } });
      times.push(`${response.ms.toFixed(1)} ms  ${response.status}  ${name}`);
    }
    console.info(times.join("\n"));
  });
});
