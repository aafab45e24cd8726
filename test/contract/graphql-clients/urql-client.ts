/** urql with graphcache as docs/graphql.md sets it up: the page has this file's code word for word (clients.test.ts). */
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange, type UpdateResolver } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import type { IntrospectionQuery } from "graphql";
import { createClient, type Sink } from "graphql-ws";

export function createUrqlClient(url: string, token: string, schema: IntrospectionQuery): Client {
  const authorization = `Bearer ${token}`;
  const live = createClient({ url: url.replace(/^http/, "ws"), connectionParams: { authorization } });
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      cacheExchange({
        schema,
        // Objects that have no id of their own are parts of those that have.
        keys: Object.fromEntries(typesWithoutId(schema).map((name) => [name, () => null])),
        resolvers: { Query: { apis: relayPagination(), integrations: relayPagination() } },
        updates: {
          Mutation: {
            createApi: reload("apis"),
            duplicateApi: reload("apis"),
            deleteApi: reload("apis"),
            createIntegration: reload("integrations"),
            deleteIntegration: reload("integrations"),
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: live.subscribe({ query, variables: { ...variables } }, sink as Sink),
          }),
        }),
      }),
    ],
  });
}

function typesWithoutId({ __schema: { types } }: IntrospectionQuery): readonly string[] {
  return types.flatMap((type) =>
    type.kind === "OBJECT" && !type.interfaces.some(({ name }) => name === "Node") ? [type.name] : [],
  );
}

/** Asks for a list again, with its `totalCount`: what was created or deleted may stand on any page. */
function reload(list: string): UpdateResolver {
  return (_result, _args, cache) => {
    for (const { fieldName, fieldKey } of cache.inspectFields("Query"))
      if (fieldName === list) cache.invalidate("Query", fieldKey);
  };
}
