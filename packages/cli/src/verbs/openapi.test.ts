import { afterAll, beforeAll, expect, it } from "vitest";
import { FakeControlPlane, latchkey } from "../testing/command.js";

const names = ["A", "B", "C", "D"];
const data = {
  one: { id: "api_1" },
  many: { nodes: [] },
  server: { ingressUrl: null, keyHeader: "Connxio-Api-Key" },
  webhookKeys: { totalCount: 1 },
  api: {
    title: "Orders",
    summary: "",
    versionLabel: "v1",
    bearerRequired: false,
    schemas: Object.fromEntries(
      names.map((name) => [name, { properties: { next: { $ref: `#/components/schemas/${name}` } } }]),
    ),
    tags: [],
    info: null,
    routes: names.map((name) => ({
      method: "POST",
      path: `/${name}`,
      operationId: name.toLowerCase(),
      validate: false,
      operation: {
        requestBody: {
          content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
        },
      },
      integration: {
        name: "orders",
        webSockets: false,
        requestSchema: null,
        responseSchema: null,
        requestContentTypes: [],
        responseContentTypes: [],
        examples: [],
      },
    })),
  },
};

let controlPlane: FakeControlPlane;
beforeAll(async () => {
  controlPlane = await FakeControlPlane.start();
  controlPlane.respond = () => data;
});
afterAll(() => controlPlane[Symbol.asyncDispose]());

const openapi = (...options: readonly string[]) =>
  latchkey("openapi", "api_1", ...options, "--url", controlPlane.url, "--token", "secret-token");

it("shows the form of a key in WEBHOOK mode, however many keys the API has", async () => {
  const { stdout } = await openapi();
  expect(Object.values(JSON.parse(stdout).components.securitySchemes)).toContainEqual(
    expect.objectContaining({ in: "query" }),
  );
  // The control plane counts them: a page of keys need not have it.
  expect(controlPlane.requests.at(-1)?.query).toContain("filter: { apiId: $id, mode: WEBHOOK }");
});

it("prints its warnings by kind, with the first three of each, or all of them", async () => {
  const lines = async (...options: readonly string[]) =>
    (await openapi("--target", "azure-apim", ...options)).stderr
      .split("\n")
      .filter((line) => /cycle_cut|^ {2}/.test(line));
  expect(await lines()).toEqual([
    "warning: schema.cycle_cut (4): Schemas that refer to themselves, which Azure refuses, accept anything where they do.",
    ...["A", "B", "C"].map((name) => expect.stringMatching(`^  /components/schemas/${name}: `)),
    "  … and 1 more",
  ]);
  expect(await lines("--notes")).toHaveLength(5);
});

it("ends with 1 and says so when Azure would refuse the document, which is printed nevertheless", async () => {
  const accepted = await openapi("--target", "azure-apim");
  expect([accepted.code, accepted.stderr]).toEqual([0, expect.not.stringContaining("refuses this document")]);
  controlPlane.respond = () => ({
    ...data,
    server: { ...data.server, ingressUrl: `https://api.example.com/${"a".repeat(200)}` },
  });
  try {
    const refused = await openapi("--target", "azure-apim");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Azure API Management refuses this document.");
    expect(JSON.parse(refused.stdout)).toHaveProperty("openapi");
    // Others take it.
    expect((await openapi()).code).toBe(0);
  } finally {
    controlPlane.respond = () => data;
  }
});
