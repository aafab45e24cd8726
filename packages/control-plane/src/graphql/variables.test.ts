import { buildSchema, type OperationDefinitionNode, parse } from "graphql";
import { expect, it } from "vitest";
import { checkVariables } from "./variables.js";

const schema = buildSchema(`
  enum Method { GET PUT }
  input RouteInput { method: Method! }
  type Query { routes(input: [RouteInput!]!): Int }
`);
const operation = parse("query ($input: [RouteInput!]!) { routes(input: $input) }")
  .definitions[0] as OperationDefinitionNode;
const refusal = (hideSuggestions: boolean, method: unknown) =>
  checkVariables({ schema, operation, variables: { input: [{ method }] }, hideSuggestions });

it("names the values of an enum where one is unknown, unless the schema is hidden", () => {
  expect(refusal(false, "GET")).toBeNull();
  expect(refusal(false, "GTE")).toMatchObject({
    message:
      'Variable "$input" is wrong at "input.0.method": Value "GTE" does not exist in "Method" enum. Its values: GET, PUT.',
    extensions: { field: ["input", "0", "method"] },
  });
  expect(refusal(true, "GTE")?.message).toBe(
    'Variable "$input" is wrong at "input.0.method": Value "GTE" does not exist in "Method" enum.',
  );
});
