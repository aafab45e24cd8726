import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeControlPlane, latchkey } from "../testing/command.js";

const nodes = { page: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } };
let controlPlane: FakeControlPlane;
beforeEach(async () => {
  controlPlane = await FakeControlPlane.start();
});
afterEach(() => controlPlane[Symbol.asyncDispose]());

it.each([
  [1, "APIs            1 (1 integration)", "Last minute     1 request, 1 with 4xx, 0 with 5xx, p99 2.5 ms"],
  [2, "APIs            2 (2 integrations)", "Last minute     2 requests, 1 with 4xx, 0 with 5xx, p99 2.5 ms"],
])("shows the counts with their nouns: %i", async (count, ...lines) => {
  controlPlane.respond = ({ query }) =>
    query.includes("page: ")
      ? nodes
      : {
          server: { version: "1.2.3", ingressUrl: null, databaseSetBack: null },
          revision: { epoch: 1, number: 7 },
          apis: { totalCount: count },
          integrations: { totalCount: count },
          traffic: { total: { requests: count, clientErrors: 1, serverErrors: 0, p99Ms: 2.5 } },
        };
  const { code, stdout } = await latchkey("status", "--url", controlPlane.url, "--token", "t");
  expect(code).toBe(0);
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(lines));
});
