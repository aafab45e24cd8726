/** A GraphQL operation as its span has it: type, name and outcome. No text and no variable. */
import type { OpenSpan } from "@latchkey/observe";
import type { GraphQLFormattedError, OperationDefinitionNode } from "graphql";

/** Names are the client's. */
const NAME_CHARS_MAX = 64;

export function describeOperation(
  span: OpenSpan,
  operation: OperationDefinitionNode | undefined,
  status: number,
  errors: readonly Pick<GraphQLFormattedError, "extensions">[] | undefined,
): void {
  const { attributes } = span;
  attributes["http.response.status_code"] = status;
  if (operation !== undefined) {
    const name = operation.name?.value.slice(0, NAME_CHARS_MAX);
    span.name = name === undefined ? operation.operation : `${operation.operation} ${name}`;
    attributes["graphql.operation.type"] = operation.operation;
    if (name !== undefined) attributes["graphql.operation.name"] = name;
  }
  const code = errors?.[0]?.extensions?.code;
  if (typeof code === "string") attributes["error.type"] = code;
  span.isError = status >= 500;
}
