/** The generated client compiles under strict rules, is typed, and calls a real server as the gateway wants it. */
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import type { ApiModel } from "./read-model.js";
import { toTypeScriptClient } from "./typescript-client.js";

const model: ApiModel = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that it stays text is the point
  title: 'Orders */ ${x} "quoted"',
  summary: "*/ export const pwned = 1;",
  version: "v1",
  serverUrl: null,
  webhook: false,
  routes: [
    {
      method: "POST",
      path: "/orders/{id}",
      operationId: "post-orders-id",
      integration: {
        name: "Create */ order",
        requestSchema: { type: "object", required: ["sku"], properties: { sku: { type: "string" } } },
        responseSchema: { type: "object", required: ["seen"], properties: { seen: { type: "string" } } },
      },
    },
    { method: "GET", path: "/files/{path*}", operationId: "get-files-path", integration: { name: "Files" } },
  ],
};

const use = `
import { createApiClient } from "./client.js";
const api = createApiClient({ apiKey: "k", baseUrl: "http://localhost" });
const { data } = await api.POST("/orders/{id}", { params: { path: { id: "1" } }, body: { sku: "a" } });
export const seen: string | undefined = data?.seen;
// @ts-expect-error the body needs a sku
await api.POST("/orders/{id}", { params: { path: { id: "1" } }, body: {} });
// @ts-expect-error there is no such path
await api.GET("/nowhere", {});
`;

/** Messages of the compiler, under this repository's own options. */
function typeErrors(files: Readonly<Record<string, string>>): readonly string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: [],
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => path in files || fileExists(path);
  host.readFile = (path) => files[path] ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) =>
    files[path] === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, files[path], language);
  const program = ts.createProgram(Object.keys(files), options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map((one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
}

const here = import.meta.dirname;

it("compiles, and its types know paths, parameters and bodies", { timeout: 120_000 }, async () => {
  const client = await toTypeScriptClient(model);
  expect(typeErrors({ [join(here, "client.ts")]: client, [join(here, "use.ts")]: use })).toEqual([]);
});

it("compiles where a schema that may be null is made stricter", { timeout: 120_000 }, async () => {
  const base = {
    type: ["object", "null"],
    properties: { code: { type: "string" }, more: { type: "integer" } },
  };
  const schemas = {
    Base: base,
    Cause: { required: ["code"], allOf: [{ $ref: "#/components/schemas/Base" }] },
  };
  const responses = {
    "200": {
      description: "ok",
      content: { "application/json": { schema: { $ref: "#/components/schemas/Cause" } } },
    },
  };
  const routes: ApiModel["routes"] = [
    { method: "GET", path: "/", operationId: "get", operation: { responses }, integration: { name: "One" } },
  ];
  const client = await toTypeScriptClient({ ...model, schemas, routes });
  expect(client).toContain("WithRequired<");
  const nullUse = `
import { createApiClient } from "./client.js";
const { data } = await createApiClient({ apiKey: "k", baseUrl: "http://localhost" }).GET("/");
export const code: string | undefined = data?.code;
`;
  expect(typeErrors({ [join(here, "client.ts")]: client, [join(here, "use.ts")]: nullUse })).toEqual([]);
});

it("demands a bearer token where the API does, and sends it", { timeout: 120_000 }, async () => {
  const client = await toTypeScriptClient({ ...model, bearerRequired: true });
  const tokenUse = `
import { createApiClient } from "./client.js";
createApiClient({ apiKey: "k", bearerToken: async () => "t", baseUrl: "http://localhost" });
createApiClient({ apiKey: "k", bearerToken: "t", baseUrl: "http://localhost" });
// @ts-expect-error the token is missing
createApiClient({ apiKey: "k", baseUrl: "http://localhost" });
`;
  expect(typeErrors({ [join(here, "client.ts")]: client, [join(here, "use.ts")]: tokenUse })).toEqual([]);
  const file = join(here, `client-token.${process.pid}.gen.mjs`);
  try {
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    await writeFile(file, ts.transpile(client, options));
    const { createApiClient } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    const tokens: (string | null)[] = [];
    let count = 0;
    const api = createApiClient({
      apiKey: "k",
      baseUrl: "http://gateway.test",
      bearerToken: async () => `token-${++count}`,
      fetch: async (request: Request) => {
        tokens.push(request.headers.get("authorization"));
        return new Response(null, { status: 204 });
      },
    });
    await api.GET("/files/{path}", { params: { path: { path: "a" } } });
    await api.GET("/files/{path}", { params: { path: { path: "a" } } });
    expect(tokens).toEqual(["Bearer token-1", "Bearer token-2"]);
  } finally {
    await rm(file, { force: true });
  }
});

it("sends the key, and keeps the slashes of a rest of the path only", { timeout: 60_000 }, async () => {
  const seen: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    seen.push(req);
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ seen: req.url }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const file = join(here, `client.${process.pid}.gen.mjs`);
  try {
    const source = await toTypeScriptClient(model);
    await writeFile(
      file,
      ts.transpile(source, { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }),
    );
    const { createApiClient, pwned } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    expect(pwned).toBeUndefined();
    const { port } = server.address() as AddressInfo;
    const api = createApiClient({ apiKey: "the key", baseUrl: `http://127.0.0.1:${port}` });
    const created = await api.POST("/orders/{id}", { params: { path: { id: "a/b" } }, body: { sku: "x" } });
    const got = await api.GET("/files/{path}", { params: { path: { path: "a b/ü.txt" } } });
    expect(created.data).toEqual({ seen: "/orders/a%2Fb" });
    expect(got.data).toEqual({ seen: "/files/a%20b/%C3%BC.txt" });
    expect(seen.map((req) => req.headers["connxio-api-key"])).toEqual(["the key", "the key"]);
    expect(() => createApiClient({ apiKey: "k" })).toThrow(/baseUrl/);
  } finally {
    await rm(file, { force: true });
    server.close();
    await once(server, "close");
  }
});

it("types properties by names that every object inherits", { timeout: 60_000 }, async () => {
  const name = "constructor";
  const responseSchema = {
    type: "object",
    required: [name, "valueOf"],
    properties: { [name]: { type: "string" }, valueOf: { $ref: "#/$defs/toString" } },
    $defs: { toString: { type: "integer" } },
  };
  const examples = { response: { valueOf: 0 } };
  const routes = [
    { method: "GET", path: "/", operationId: "get", integration: { name: "One", responseSchema, examples } },
  ] as const;
  const client = await toTypeScriptClient({ ...model, routes });
  expect(client).toMatch(/^ +constructor: string;$/m);
  expect(client).toMatch(/^ +valueOf: components\["schemas"\]\["[^"]*toString"\];$/m);
});
