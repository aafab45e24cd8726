/** Resources of a kind that a filter leaves, page by page. */
import type { GraphqlClient } from "../graphql-client.js";
import type { Item, Kind } from "./kind.js";

const PAGE = 100;

interface Page {
  readonly page: {
    readonly nodes: readonly Item[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

type Filter = Readonly<Record<string, unknown>>;

export async function listAll(
  client: GraphqlClient,
  kind: Kind,
  filter: Filter,
  pageSize = PAGE,
): Promise<readonly Item[]> {
  return (await listFirst(client, kind, filter, { itemsMax: Number.POSITIVE_INFINITY, pageSize })).items;
}

/** Those of the first pages; `isWhole`: there are no more. */
export async function listFirst(
  client: GraphqlClient,
  kind: Kind,
  filter: Filter,
  { itemsMax, pageSize = PAGE }: { readonly itemsMax: number; readonly pageSize?: number },
): Promise<{ readonly items: readonly Item[]; readonly isWhole: boolean }> {
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
  } while (after !== null && items.length < itemsMax);
  return { items, isWhole: after === null };
}
