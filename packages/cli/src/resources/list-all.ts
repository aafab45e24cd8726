/** All resources of a kind that a filter leaves, page by page. */
import type { GraphqlClient } from "../graphql-client.js";
import type { Item, Kind } from "./kind.js";

const PAGE = 100;

interface Page {
  readonly page: {
    readonly nodes: readonly Item[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export async function listAll(
  client: GraphqlClient,
  kind: Kind,
  filter: Readonly<Record<string, unknown>>,
  pageSize = PAGE,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  const filterType = `${kind.name === "node" ? "IngressNode" : kind.typeName}Filter`;
  let after: string | null = null;
  do {
    const { page }: Page = await client.query<Page>(
      `query($after: String, $filter: ${filterType}) {
        page: ${kind.many}(first: ${pageSize}, after: $after, filter: $filter) {
          nodes { ${kind.selection} } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after, filter },
    );
    items.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return items;
}
