import { expect, it } from "vitest";
import { type ListPage, restOfPages } from "./rest-of-pages.js";

const pageAt = (from: number, total: number): ListPage<number> => {
  const end = Math.min(from + 100, total);
  return {
    nodes: Array.from({ length: end - from }, (_, i) => from + i),
    pageInfo: { hasNextPage: end < total, endCursor: String(end) },
  };
};

it.each([0, 100, 101, 250])("reads the rest of %i items, each once and in order", async (total) => {
  const asked: string[] = [];
  const rest = await restOfPages(pageAt(0, total), async (after) => {
    asked.push(after);
    return pageAt(Number(after), total);
  });
  expect(rest).toEqual(Array.from({ length: Math.max(0, total - 100) }, (_, i) => 100 + i));
  expect(asked).toEqual(total <= 100 ? [] : total <= 200 ? ["100"] : ["100", "200"]);
});

it("gives what there was when a page cannot be read, and comes to an end where the list does not", async () => {
  const rest = await restOfPages(pageAt(0, 300), async (after) =>
    after === "100" ? pageAt(100, 300) : null,
  );
  expect(rest).toHaveLength(100);
  const endless = await restOfPages(pageAt(0, 1e9), async (after) => pageAt(Number(after), 1e9));
  expect(endless).toHaveLength(9_900);
});
