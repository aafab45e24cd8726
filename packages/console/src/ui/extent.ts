/** Which rows of a list a page shows: "51–100 of 303 APIs". Pure. */
export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor?: string | null;
  readonly endCursor?: string | null;
}

export interface Extent {
  /** Place of the first row, from 1. */
  readonly from: number;
  readonly shown: number;
  readonly total: number;
}

/** The address may be older than the list: the ends of the list are known for sure. */
export function extentOf(
  from: number,
  shown: number,
  total: number,
  pageInfo: Pick<PageInfo, "hasNextPage" | "hasPreviousPage">,
): Extent {
  if (!pageInfo.hasPreviousPage) return { from: 1, shown, total };
  const last = Math.max(1, total - shown + 1);
  return { from: pageInfo.hasNextPage ? Math.min(from, last) : last, shown, total };
}

export function extentText({ from, shown, total }: Extent, [one, many]: readonly [string, string]): string {
  if (shown === total) return `${number(total)} ${total === 1 ? one : many}`;
  return `${number(from)}–${number(from + shown - 1)} of ${number(total)} ${many}`;
}

const number = (value: number): string => value.toLocaleString("en");
