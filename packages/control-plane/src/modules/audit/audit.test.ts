import { createLogger } from "@latchkey/observe";
import { expect, it } from "vitest";
import { Fixture } from "../../testing/fixture.js";
import { AuditRetention } from "./audit-retention.js";

it("tells who did what, before and after, with the revision, and holds no secret and no digest", async () => {
  await using f = await Fixture.start();
  const subscriptionId = await f.subscription();
  const integrationId = await f.integration(subscriptionId);
  f.clock.advance(1000);
  const { api, key, secret } = await f.api(subscriptionId, {
    recoverable: true,
    routes: [{ method: "GET", path: "/a", integrationId }],
  });
  f.clock.advance(1000);
  await f.mutate(
    "updateApi",
    { id: api.id, expectedVersion: 1, title: "New", summary: "S", routes: [] },
    "api { id }",
  );
  f.clock.advance(1000);
  const second = (await f.mutate("regenerateApiKey", { id: key.id, overlapSeconds: 60 }, "secret")).secret;
  await f.mutate("revealApiKey", { id: key.id }, "secret");
  f.clock.advance(1000);
  await f.mutate("deleteApi", { id: api.id }, "deletedApiId");

  const { auditLog } = await f.run(
    "{ auditLog { totalCount nodes { id at actor action targetKind targetId targetName subscriptionId before after revision { number } requestId } } }",
  );
  expect(auditLog.nodes.map((entry: { action: string }) => entry.action)).toEqual([
    "api.delete",
    "apiKey.reveal",
    "apiKey.regenerate",
    "api.update",
    "apiKey.create",
    "api.create",
    "integration.create",
    "subscription.create",
  ]);
  expect(auditLog.totalCount).toBe(8);
  const updated = auditLog.nodes.find((entry: { action: string }) => entry.action === "api.update");
  expect(updated).toMatchObject({
    actor: "admin",
    targetKind: "API",
    targetId: api.id,
    targetName: "New",
    subscriptionId,
    before: { title: "Orders API", routes: [{ method: "GET", path: "/a", integrationId }] },
    after: { title: "New", summary: "S", routes: [] },
    revision: { number: 3 },
    requestId: "req-1",
  });
  const text = JSON.stringify(await f.db.selectFrom("audit_log").selectAll().execute()) + f.logLines.join("");
  for (const hidden of [secret, second]) expect(text).not.toContain(hidden);
  expect(text).not.toContain("digest");

  const found = await f.run("query($id: ID!) { node(id: $id) { ... on AuditEntry { action } } }", {
    id: updated.id,
  });
  expect(found.node).toEqual({ action: "api.update" });
});

it("writes nothing for what was refused or changed nothing", async () => {
  await using f = await Fixture.start();
  const id = await f.subscription();
  await f.mutate("createSubscription", { name: "" }, "subscription { id }");
  await f.mutate("updateSubscription", { id, expectedVersion: 1, name: "Acme" }, "subscription { id }");
  await f.mutate("updateSubscription", { id, expectedVersion: 7, name: "B" }, "subscription { id }");
  expect((await f.run("{ auditLog { totalCount } }")).auditLog.totalCount).toBe(1);
});

it("is read by time, actor and target", async () => {
  await using f = await Fixture.start();
  const first = await f.subscription("A");
  f.clock.advance(10_000);
  const noon = new Date(f.clock.now()).toISOString();
  await f.subscription("B");
  const count = async (filter: string) =>
    (await f.run(`{ auditLog(filter: ${filter}) { totalCount } }`)).auditLog.totalCount;
  expect(await count(`{since: "${noon}"}`)).toBe(1);
  expect(await count(`{until: "${noon}"}`)).toBe(1);
  expect(await count('{actor: "admin"}')).toBe(2);
  expect(await count('{actor: "eve"}')).toBe(0);
  expect(await count(`{targetId: "${first}"}`)).toBe(1);
});

it("is read by API, with its keys, deleted ones as well", async () => {
  await using f = await Fixture.start();
  const subscriptionId = await f.subscription();
  const { api, key } = await f.api(subscriptionId, {});
  await f.api(subscriptionId, { title: "Another" });
  await f.mutate("updateApiKey", { id: key.id, active: false }, "key { id }");
  await f.mutate("deleteApiKey", { id: key.id }, "deletedApiKeyId");
  const { auditLog } = await f.run(
    "query ($id: ID!) { auditLog(filter: {apiId: $id}) { totalCount nodes { action } } }",
    { id: api.id },
  );
  expect(auditLog.nodes.map((entry: { action: string }) => entry.action)).toEqual([
    "apiKey.delete",
    "apiKey.update",
    "apiKey.create",
    "api.create",
  ]);
  expect(auditLog.totalCount).toBe(4);
});

it("keeps entries as long as it must, and no longer", async () => {
  await using f = await Fixture.start();
  await f.subscription("Old");
  f.clock.advance(10 * 86_400_000);
  await f.subscription("New");
  const logger = createLogger({ name: "test", level: "silent" });
  const names = async () =>
    (await f.run("{ auditLog { nodes { targetName } } }")).auditLog.nodes.map(
      (n: { targetName: string }) => n.targetName,
    );
  await using eleven = new AuditRetention({ db: f.db, clock: f.clock, logger, days: 11 });
  await eleven.run();
  expect(await names()).toEqual(["New", "Old"]);
  await using nine = new AuditRetention({ db: f.db, clock: f.clock, logger, days: 9 });
  await nine.run();
  expect(await names()).toEqual(["New"]);
});
