import { readFileSync } from "node:fs";
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  validateSchema,
} from "graphql";
import { expect, it } from "vitest";
import { buildLatchkeySchema, schemaText } from "./schema.js";

it("is the schema that is committed as schema.graphql (run `npm run schema`)", () => {
  expect(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8")).toBe(schemaText());
});

it("is valid", () => {
  expect(validateSchema(buildLatchkeySchema())).toEqual([]);
});

it("describes every type, field, argument and value", () => {
  expect(undescribed(buildLatchkeySchema())).toEqual([]);
});

it("leaves the name of the root type of live queries to it, as graphcache and genql expect", () => {
  const schema = buildLatchkeySchema();
  expect(schema.getSubscriptionType()?.name).toBe("Subscription");
  expect(schema.getType("TenantSubscription")?.description).toContain("tenant");
});

it("has a field `id` only where it names one object everywhere, because clients' caches go by it", () => {
  const schema = buildLatchkeySchema();
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const withId = types.filter((type) => type.getFields().id !== undefined);
  const withoutNode = withId.filter((type) => !type.getInterfaces().some(({ name }) => name === "Node"));
  expect(withoutNode.map(({ name }) => name)).toEqual([]);
});

function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const need = (name: string, description: string | null | undefined) => {
    if (description === null || description === undefined || description.trim() === "") missing.push(name);
  };
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__") || ["String", "Int", "Float", "Boolean", "ID"].includes(type.name))
      continue;
    if (!roots.has(type as GraphQLObjectType)) need(type.name, type.description);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        need(`${type.name}.${field.name}`, field.description);
        for (const arg of field.args) need(`${type.name}.${field.name}(${arg.name})`, arg.description);
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values((type as GraphQLInputObjectType).getFields()))
        need(`${type.name}.${field.name}`, field.description);
    } else if (isEnumType(type)) {
      for (const value of (type as GraphQLEnumType).getValues())
        need(`${type.name}.${value.name}`, value.description);
    }
  }
  return missing;
}
