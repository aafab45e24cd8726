import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../../testing/fixture.js";

let f: Fixture;
beforeEach(async () => {
  f = await Fixture.start();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

describe("subscriptions", () => {
  it("are made, renamed, found by id, and deleted when empty; nodes need not know", async () => {
    const created = await f.mutate(
      "createSubscription",
      { name: "  Acme " },
      "subscription { id name version }",
    );
    expect(created).toMatchObject({
      subscription: { name: "Acme", version: 1 },
      userErrors: [],
      revision: { number: 0 },
    });
    const { id } = created.subscription;
    const updated = await f.mutate(
      "updateSubscription",
      { id, expectedVersion: 1, name: "Bcme" },
      "subscription { name version }",
    );
    expect(updated.subscription).toEqual({ name: "Bcme", version: 2 });
    const found = await f.run(
      "query($id: ID!) { node(id: $id) { __typename id ... on TenantSubscription { name } } subscription(id: $id) { name } }",
      { id },
    );
    expect(found).toEqual({
      node: { __typename: "TenantSubscription", id, name: "Bcme" },
      subscription: { name: "Bcme" },
    });
    const deleted = await f.mutate("deleteSubscription", { id }, "deletedSubscriptionId");
    expect(deleted).toMatchObject({ deletedSubscriptionId: id, userErrors: [] });
    expect(
      (await f.run("query($id: ID!) { subscription(id: $id) { name } }", { id })).subscription,
    ).toBeNull();
  });

  it.each([
    ["", "REQUIRED"],
    ["   ", "REQUIRED"],
    ["x".repeat(201), "TOO_LONG"],
    ["a\u0000b", "INVALID"],
    ["a\nb", "INVALID"],
  ])("refuse the name %j", async (name, code) => {
    const payload = await f.mutate("createSubscription", { name }, "subscription { id }");
    expect(payload).toMatchObject({
      subscription: null,
      revision: null,
      userErrors: [{ code, field: ["input", "name"] }],
    });
  });

  it("take a name of 200 characters, counted as people do", async () => {
    const name = "🚀".repeat(200);
    expect((await f.mutate("createSubscription", { name }, "subscription { name }")).subscription).toEqual({
      name,
    });
  });

  it("refuse a lost update, and show the version and the object as it is", async () => {
    const id = await f.subscription();
    await f.mutate("updateSubscription", { id, expectedVersion: 1, name: "B" }, "subscription { id }");
    const payload = await f.mutate(
      "updateSubscription",
      { id, expectedVersion: 1, name: "C" },
      "subscription { id }",
    );
    expect(payload.userErrors).toMatchObject([
      { code: "CONFLICT", field: ["input", "expectedVersion"], currentVersion: 2, current: { id } },
    ]);
  });

  it("cannot be deleted while something belongs to them", async () => {
    const id = await f.subscription();
    await f.integration(id);
    const payload = await f.mutate("deleteSubscription", { id }, "deletedSubscriptionId");
    expect(payload.userErrors).toMatchObject([{ code: "IN_USE", field: ["input", "id"] }]);
    expect(payload.userErrors[0].message).toContain("0 APIs, 1 integration and 0 credentials:");
  });

  it.each([
    ["a zero-width space", "Ac\u200bme", "U+200B at place 3"],
    ["a direction override", "Acme\u202e", "U+202E at place 5"],
    ["a soft hyphen", "Ac\u00adme", "U+00AD at place 3"],
  ])("refuse %s in a name", async (_what, name, place) => {
    const payload = await f.mutate("createSubscription", { name }, "subscription { id }");
    expect(payload.userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "name"], message: expect.stringContaining(place) },
    ]);
  });

  it("take the joiners that Persian and emoji need", async () => {
    const name = "می\u200cخواهم 👩\u200d💻";
    const payload = await f.mutate("createSubscription", { name }, "subscription { name }");
    expect(payload.subscription.name).toBe(name);
  });

  it("that are unknown look the same to every mutation", async () => {
    for (const [name, more, field] of [
      ["updateSubscription", { expectedVersion: 1, name: "x" }, "subscription { id }"],
      ["deleteSubscription", {}, "deletedSubscriptionId"],
    ] as const) {
      const payload = await f.mutate(name, { id: unknownId("subscription"), ...more }, field);
      expect(payload.userErrors).toMatchObject([{ code: "NOT_FOUND", field: ["input", "id"] }]);
    }
  });

  it("are listed by name without regard to case, in pages that can be turned both ways, and counted", async () => {
    for (const name of ["delta", "Alpha", "charlie", "Bravo", "echo"]) await f.subscription(name);
    const query = `query($first: Int, $after: String, $last: Int, $before: String, $orderBy: SubscriptionOrder) {
      subscriptions(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
        totalCount nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const names = (data: { subscriptions: { nodes: { name: string }[] } }) =>
      data.subscriptions.nodes.map((node) => node.name);
    const one = await f.run(query, { first: 2 });
    expect(names(one)).toEqual(["Alpha", "Bravo"]);
    expect(one.subscriptions).toMatchObject({
      totalCount: 5,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    const two = await f.run(query, { first: 2, after: one.subscriptions.pageInfo.endCursor });
    expect(names(two)).toEqual(["charlie", "delta"]);
    const back = await f.run(query, { last: 2, before: two.subscriptions.pageInfo.startCursor });
    expect(names(back)).toEqual(["Alpha", "Bravo"]);
    const down = await f.run(query, { orderBy: { field: "NAME", direction: "DESC" }, first: 1 });
    expect(names(down)).toEqual(["echo"]);
    const none = await f.run(query, { first: 0 });
    expect(none.subscriptions).toMatchObject({
      totalCount: 5,
      nodes: [],
      pageInfo: { hasNextPage: true, endCursor: null },
    });
    const other = await f.raw(query, {
      orderBy: { field: "CREATED_AT", direction: "ASC" },
      after: one.subscriptions.pageInfo.endCursor,
    });
    expect(other.errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" }, message: expect.stringContaining("another order") },
    ]);
    for (const wrong of [
      { first: -1 },
      { first: 101 },
      { last: -1 },
      { first: 1, last: 1 },
      { after: "nonsense" },
    ])
      expect((await f.raw(query, wrong)).errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("are searched by words of the name, with nothing special about % and _", async () => {
    for (const name of ["Blue Whale", "blue_sky", "100% Wool", "Ærø Færge"]) await f.subscription(name);
    const search = async (text: string) =>
      (
        await f.run(
          "query($s: String) { subscriptions(filter: {search: $s}) { nodes { name } totalCount } }",
          { s: text },
        )
      ).subscriptions.nodes.map((node: { name: string }) => node.name);
    expect(await search("WHALE blue")).toEqual(["Blue Whale"]);
    expect(await search("e_s")).toEqual(["blue_sky"]);
    expect(await search("0%")).toEqual(["100% Wool"]);
    expect(await search("FÆRGE")).toEqual(["Ærø Færge"]);
    expect(await search("  ")).toHaveLength(4);
    expect(await search("\\")).toEqual([]);
  });
});
