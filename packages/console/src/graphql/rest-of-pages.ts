/** Reads a list to its end, page by page, for views that show all of it. */

export interface ListPage<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** 100 items each: a view that shows all of a list shows no more. */
const PAGES_MAX = 100;

/** What comes after the first page; stops early where `next` gives null, because a page could not be read. */
export async function restOfPages<T>(
  first: ListPage<T>,
  next: (after: string) => Promise<ListPage<T> | null>,
): Promise<readonly T[]> {
  const rest: T[] = [];
  let { hasNextPage, endCursor } = first.pageInfo;
  for (let page = 1; page < PAGES_MAX && hasNextPage && endCursor !== null; page++) {
    const got = await next(endCursor);
    if (got === null) break;
    rest.push(...got.nodes);
    ({ hasNextPage, endCursor } = got.pageInfo);
  }
  return rest;
}
