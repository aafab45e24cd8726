import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../testing/fixture.js";

let f: Fixture;
beforeEach(async () => {
  f = await Fixture.start();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const withReceipt = (args: string) =>
  `mutation($input: UpdateSubscriptionInput!) { updateSubscription(input: $input) {
    userErrors { code } revision { number } receipt(${args}) { complete revision { number } pending { node reason } message } } }`;

describe("every payload", () => {
  it("has a receipt that says which nodes enforce the change", async () => {
    const id = await f.subscription();
    await f.mutate("createNode", { name: "never came" }, "node { id }");
    const { updateSubscription: payload } = await f.run(withReceipt("timeoutMs: 0"), {
      input: { id, name: "Renamed" },
    });
    expect(payload.receipt).toEqual({
      complete: true,
      revision: { number: payload.revision.number },
      pending: [],
      message: "no node has connected yet",
    });
  });

  it("has none when nothing was changed, and refuses a time-out out of bounds", async () => {
    const input = { id: unknownId("subscription"), name: "Renamed" };
    const { updateSubscription: refused } = await f.run(withReceipt("timeoutMs: 0"), { input });
    expect(refused).toMatchObject({ receipt: null, userErrors: [{ code: "NOT_FOUND" }] });
    const id = await f.subscription();
    const { errors } = await f.raw(withReceipt("timeoutMs: 60001"), { input: { id, name: "Renamed" } });
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" }, path: ["updateSubscription", "receipt"] },
    ]);
  });
});

describe("nodes(ids:)", () => {
  it("gives the objects in order, with null for those that do not exist", async () => {
    const subscriptionId = await f.subscription("Acme");
    const integrationId = await f.integration(subscriptionId, { name: "Orders" });
    const { nodes } = await f.run(
      "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on TenantSubscription { name } } }",
      { ids: [integrationId, unknownId("api"), subscriptionId, "nonsense"] },
    );
    expect(nodes).toEqual([
      { __typename: "Integration", id: integrationId },
      null,
      { __typename: "TenantSubscription", id: subscriptionId, name: "Acme" },
      null,
    ]);
  });

  it("takes at most 100 ids", async () => {
    const ids = Array.from({ length: 101 }, () => unknownId("api"));
    const { errors } = await f.raw("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("ingressNodes", () => {
  it("pages both ways, filters by status and counts", async () => {
    for (const name of ["edge-3", "edge-1", "edge-2"]) await f.mutate("createNode", { name }, "node { id }");
    const query = `query($first: Int, $after: String, $last: Int, $before: String, $filter: IngressNodeFilter) {
      ingressNodes(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const page = async (variables: Record<string, unknown>) => (await f.run(query, variables)).ingressNodes;
    const names = (found: { nodes: { name: string }[] }) => found.nodes.map(({ name }) => name);
    const one = await page({ first: 2 });
    expect(names(one)).toEqual(["edge-1", "edge-2"]);
    expect(one).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const two = await page({ first: 2, after: one.pageInfo.endCursor });
    expect(names(two)).toEqual(["edge-3"]);
    expect(two.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const back = await page({ last: 1, before: two.pageInfo.startCursor });
    expect(names(back)).toEqual(["edge-2"]);
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(await page({ first: 0 })).toMatchObject({ totalCount: 3, nodes: [] });
    expect(await page({ filter: { status: ["HEALTHY"] } })).toMatchObject({ totalCount: 0, nodes: [] });
    expect(names(await page({ filter: { status: ["NEVER_SEEN"] } }))).toHaveLength(3);
    const { errors } = await f.raw(query, { after: "nonsense" });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("a version that was not the newest", () => {
  it("stops the deletion of an integration and of a subscription", async () => {
    const subscriptionId = await f.subscription("Acme");
    const integrationId = await f.integration(subscriptionId);
    await f.mutate("updateIntegration", { id: integrationId, name: "Renamed" }, "integration { id }");
    const integration = { id: integrationId, expectedVersion: 1 };
    const first = await f.mutate("deleteIntegration", integration, "deletedIntegrationId");
    expect(first.userErrors).toMatchObject([{ code: "CONFLICT" }]);
    await f.mutate("deleteIntegration", { id: integrationId, expectedVersion: 2 }, "deletedIntegrationId");
    await f.mutate("updateSubscription", { id: subscriptionId, name: "Renamed" }, "subscription { id }");
    const subscription = { id: subscriptionId, expectedVersion: 1 };
    const second = await f.mutate("deleteSubscription", subscription, "deletedSubscriptionId");
    expect(second.userErrors).toMatchObject([{ code: "CONFLICT" }]);
    const third = await f.mutate("deleteSubscription", { id: subscriptionId }, "deletedSubscriptionId");
    expect(third.deletedSubscriptionId).toBe(subscriptionId);
  });
});
