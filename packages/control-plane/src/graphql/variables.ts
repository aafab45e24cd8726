/**
 * Checks the variables of an operation before it runs. graphql-js checks them too, and quotes the whole value of one that is
 * wrong, which may hold a secret beside a misspelled field. Messages here have its place only.
 */
import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isEnumType,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
} from "graphql";

export interface VariablesInput {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly hideSuggestions: boolean;
}

/** A sentence of graphql-js. */
const MISSING_FIELD = /^Field "(\w+)" of required type /;
/** Another one; where suggestions are shown, similar values may follow. */
const UNKNOWN_VALUE = /^Value "[^"]*" does not exist in "(\w+)" enum\./;

/**
 * The first thing that is wrong with a variable; null: nothing. A variable that is missing is the executor's to refuse. The error's
 * extensions have its place, as `field` of a user error does.
 */
export function checkVariables(input: VariablesInput): GraphQLError | null {
  const { schema, operation, variables, hideSuggestions } = input;
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type) || !Object.hasOwn(variables, name)) continue;
    try {
      coerceInputValue(
        variables[name],
        type,
        (path, _value, error) => {
          const message = withoutValue(error.message);
          const [, missing] = MISSING_FIELD.exec(message) ?? [];
          const field = [name, ...path.map(String), ...(missing === undefined ? [] : [missing])];
          const said = hideSuggestions ? message : withEnumValues(schema, message);
          const reason = missing === undefined ? said : "A value is needed here.";
          throw new GraphQLError(`Variable "$${name}" is wrong at "${field.join(".")}": ${reason}`, {
            nodes: definition,
            extensions: { code: "BAD_USER_INPUT", field, http: { status: 400 } },
          });
        },
        hideSuggestions,
      );
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }
  return null;
}

/** All values there are, instead of similar ones. */
function withEnumValues(schema: GraphQLSchema, message: string): string {
  const [sentence, name = ""] = UNKNOWN_VALUE.exec(message) ?? [];
  const type = schema.getType(name);
  if (!isEnumType(type)) return message;
  return `${sentence} Its values: ${type
    .getValues()
    .map((value) => value.name)
    .join(", ")}.`;
}

/** A sentence of graphql-js without the text that was to be a String: only those can be secrets. */
export function withoutValue(message: string): string {
  return message.replace(/(String cannot represent a non string value): [\s\S]*$/, "$1.");
}
