// GraphQL operations as TypeScript, for the code generators of the console and of @latchkey/client: the types of responses and
// variables by GraphQL Code Generator, and each operation's text with the fragments that it uses. Writes nothing.
import { codegen } from "@graphql-codegen/core";
import * as operationsPlugin from "@graphql-codegen/typescript-operations";
import { buildSchema, Kind, parse, print, stripIgnoredCharacters, validate, visit } from "graphql";

const TYPES = {
  scalars: { DateTime: "string", JSONObject: "Record<string, unknown>", SafeInt: "number", ID: "string" },
  defaultScalarType: "unknown",
  strictScalars: true,
  enumType: "string-literal",
  immutableTypes: true,
  skipTypename: true,
  useTypeImports: true,
  avoidOptionals: { field: true, inputValue: false, object: true },
  inlineFragmentTypes: "inline",
};

export class GraphqlOperations {
  #schema;
  #schemaDocument;

  /** @param schemaText SDL */
  constructor(schemaText) {
    this.#schema = buildSchema(schemaText);
    this.#schemaDocument = parse(schemaText);
  }

  /**
   * @param location for messages
   * @throws when the schema does not have what an operation asks for
   */
  async read(text, location) {
    const document = parse(text);
    const problems = validate(this.#schema, document);
    if (problems.length > 0)
      throw new Error(problems.map(({ message }) => `${location}: ${message}`).join("\n"));
    const types = await codegen({
      filename: location,
      schema: this.#schemaDocument,
      documents: [{ location, document }],
      plugins: [{ operations: {} }],
      pluginMap: { operations: operationsPlugin },
      config: TYPES,
    });
    const fragments = new Map();
    const definitions = [];
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
      else definitions.push(definition);
    return {
      types: types.trim(),
      operations: definitions.map((definition) => ({
        name: definition.name.value,
        /** `Query`, `Mutation` or `Subscription`. */
        kind: definition.operation.replace(/^./, (first) => first.toUpperCase()),
        text: textOf(definition, fragments),
      })),
    };
  }
}

/** The operation's text with the fragments that it uses. */
function textOf(operation, fragments) {
  const used = new Set();
  const add = (node) =>
    visit(node, {
      FragmentSpread({ name }) {
        if (used.has(name.value)) return;
        used.add(name.value);
        add(fragments.get(name.value));
      },
    });
  add(operation);
  return stripIgnoredCharacters(
    [operation, ...[...used].map((name) => fragments.get(name))].map(print).join("\n"),
  );
}
