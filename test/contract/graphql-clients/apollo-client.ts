/** Apollo Client as docs/graphql.md sets it up: the page has this file's code word for word (clients.test.ts). */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { type IntrospectionQuery, OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

export function createApolloClient(url: string, token: string, schema: IntrospectionQuery): ApolloClient {
  const authorization = `Bearer ${token}`;
  const live = createClient({ url: url.replace(/^http/, "ws"), connectionParams: { authorization } });
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(live),
      new HttpLink({ uri: url, headers: { authorization } }),
    ),
    cache: new InMemoryCache({
      possibleTypes: { Node: objectTypes(schema, true) },
      typePolicies: {
        // Objects that have no id of their own are parts of those that have.
        ...Object.fromEntries(objectTypes(schema, false).map((name) => [name, { merge: true }])),
        Query: {
          fields: {
            apis: relayStylePagination(["filter", "orderBy"]),
            integrations: relayStylePagination(["filter", "orderBy"]),
          },
        },
      },
    }),
  });
}

function objectTypes({ __schema: { types } }: IntrospectionQuery, hasId: boolean): string[] {
  return types.flatMap((type) =>
    type.kind === "OBJECT" && type.interfaces.some(({ name }) => name === "Node") === hasId
      ? [type.name]
      : [],
  );
}
