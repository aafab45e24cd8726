/** graphql-codegen with the configuration of docs/graphql.md: its types are right, and its documents are what clients send. */
import { buildSchema, getIntrospectionQuery, graphqlSync, parse, validate } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { type Documents, generate, load, schemaText, typeErrors } from "./generated.js";
import { examples } from "./page.js";

let generated: string;
beforeAll(async () => {
  generated = await generate();
});

/** What the types of a front end may rely on. */
const use = `
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { AddRouteDocument, ApisDocument, CreateApiDocument, NodesDocument, RotateKeyDocument } from "./operations.js";
type Result<D> = D extends TypedDocumentNode<infer R, infer _V> ? R : never;
type Variables<D> = D extends TypedDocumentNode<infer _R, infer V> ? V : never;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(value: T): T => value;
type Created = Result<typeof CreateApiDocument>["createApi"];
export const checks = [
  holds<Equal<NonNullable<Created["api"]>["routes"][number]["id"], string>>(true),
  holds<Equal<Created["secret"], string | null>>(true),
  holds<Equal<NonNullable<Created["api"]>["version"], number>>(true),
  holds<Equal<NonNullable<Result<typeof RotateKeyDocument>["regenerateApiKey"]["key"]>["overlapUntil"], string | null>>(true),
  holds<Equal<Result<typeof NodesDocument>["nodesChanged"][number]["status"], import("./operations.js").IngressNodeStatus>>(true),
  holds<Equal<Variables<typeof AddRouteDocument>["input"]["route"]["method"], "ANY" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT">>(true),
];
export const variables: Variables<typeof ApisDocument> = { filter: { search: "orders" } };
// @ts-expect-error what is no method is refused
export const wrong: Variables<typeof AddRouteDocument> = { input: { apiId: "a", route: { method: "put", path: "/", integrationId: "i" } } };
`;

describe("graphql-codegen", () => {
  it("makes types that a strict compiler takes, with enums, ids and scalars as they are in JSON", () => {
    expect(typeErrors(generated, use)).toEqual([]);
  });

  it("makes a document of each example that the schema takes", async () => {
    const schema = buildSchema(schemaText);
    const documents = (await load(generated)) as Documents;
    for (const { name } of examples) {
      const document = documents[`${name}Document`];
      expect(document, name).toBeDefined();
      if (document !== undefined) expect(validate(schema, document), name).toEqual([]);
    }
  });

  it("has an introspection result without a control plane", () => {
    const result = graphqlSync({ schema: buildSchema(schemaText), source: getIntrospectionQuery() });
    expect(result.errors).toBeUndefined();
    expect(validate(buildSchema(schemaText), parse(getIntrospectionQuery()))).toEqual([]);
  });
});
