/** urql with graphcache as docs/graphql.md sets it up: the page has this file's code word for word (clients.test.ts). */
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { type Cache, cacheExchange } from "@urql/exchange-graphcache";
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
            deleteApi: (result, _args, cache) => {
              const { deletedApiId: id } = result.deleteApi as { readonly deletedApiId: string | null };
              if (id !== null) removeFromPages(cache, "apis", { __typename: "Api", id });
            },
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

/** Takes an object out of the pages of a list that are in the cache. */
function removeFromPages(cache: Cache, list: string, object: { __typename: string; id: string }): void {
  for (const { fieldKey } of cache.inspectFields("Query").filter(({ fieldName }) => fieldName === list)) {
    const page = cache.resolve("Query", fieldKey) as string;
    const edges = cache.resolve(page, "edges") as readonly string[];
    const key = cache.keyOfEntity(object);
    cache.link(
      page,
      "edges",
      edges.filter((edge) => cache.resolve(edge, "node") !== key),
    );
  }
  cache.invalidate(object);
}
