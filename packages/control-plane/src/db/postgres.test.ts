import { systemClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { eventually } from "@latchkey/testkit";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StorageError } from "../errors/storage-error.js";
import { EpochGuard } from "../snapshot/epoch-guard.js";
import type { NodeSession, RejectedReport } from "../snapshot/node-observer.js";
import { Fixture } from "../testing/fixture.js";
import { openPostgres } from "./open-postgres.js";
import { writeTransaction } from "./transaction.js";

const logger = createLogger({ name: "test", level: "silent" });

/** Writers wait 4 s for each other, which is short on a busy machine: a client tries again then. */
async function onceNotBusy<T>(change: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (!String(error).includes("STORAGE_BUSY")) throw error;
    }
  }
}

describe.skipIf(!hasPostgres())("over PostgreSQL (needs Debian's postgresql package)", () => {
  let server: TestPostgres;
  beforeAll(() => {
    server = new TestPostgres();
  }, 120_000);
  afterAll(() => server[Symbol.dispose](), 120_000);
  beforeEach(async () => {
    const db = await openPostgres({ url: server.url, logger });
    await sql`drop schema public cascade`.execute(db);
    await sql`create schema public`.execute(db);
    await db.destroy();
  }, 120_000);

  const start = async (more: { readonly isShared?: boolean } = {}) =>
    Fixture.start({ db: await openPostgres({ url: server.url, logger }), ...more });

  const createSubscription = (f: Fixture, name: string) =>
    f.raw(
      "mutation($input: CreateSubscriptionInput!) { createSubscription(input: $input) { userErrors { code } } }",
      { input: { name } },
    );

  it("does all that it does over SQLite", async () => {
    await using f = await start();
    const subscriptionId = await f.subscription("Ærø");
    const integrationId = await f.integration(subscriptionId);
    const { api, key, secret } = await f.api(subscriptionId, {
      recoverable: true,
      routes: [
        { method: "GET", path: "/a/{x}", integrationId },
        {
          method: "ANY",
          path: "/b",
          integrationId,
          operation: { parameters: [{ name: "q", in: "query", schema: {} }] },
        },
      ],
    });
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`, `upsert key/${key.id}`]);
    const updated = await f.mutate(
      "updateApi",
      {
        id: api.id,
        expectedVersion: 1,
        title: "New",
        summary: "S",
        routes: [{ method: "PUT", path: "/c", integrationId }],
      },
      "api { version title routes { path operation } }",
    );
    expect(updated.api).toEqual({ version: 2, title: "New", routes: [{ path: "/c", operation: null }] });
    const stale = await f.mutate(
      "updateApi",
      { id: api.id, expectedVersion: 1, title: "X", summary: "", routes: [] },
      "api { id }",
    );
    expect(stale.userErrors).toMatchObject([{ code: "CONFLICT", currentVersion: 2 }]);
    await f.mutate(
      "updateApiKey",
      { id: key.id, active: false, quota: { limit: 5_000_000_000 / 10, windowSeconds: 60 } },
      "key { id }",
    );
    expect((await f.mutate("revealApiKey", { id: key.id }, "secret")).secret).toBe(secret);
    expect(
      (await f.mutate("regenerateApiKey", { id: key.id, overlapSeconds: 60 }, "secret")).userErrors,
    ).toEqual([]);
    const inUse = await f.mutate("deleteIntegration", { id: integrationId }, "deletedIntegrationId");
    expect(inUse.userErrors).toMatchObject([{ code: "IN_USE" }]);
    expect([...(await f.resources()).keys()].sort()).toEqual(
      [`api/${api.id}`, `integration/${integrationId}`, `key/${key.id}`].sort(),
    );
    const found = await f.run(
      '{ subscriptions(filter: {search: "ÆRØ"}) { totalCount nodes { name createdAt } } auditLog(first: 3) { totalCount nodes { action revision { epoch number } } } }',
    );
    expect(found.subscriptions).toMatchObject({ totalCount: 1, nodes: [{ name: "Ærø" }] });
    expect(found.auditLog.nodes[0]).toMatchObject({
      action: "apiKey.regenerate",
      revision: { epoch: expect.any(Number), number: 5 },
    });
    const deleted = await f.mutate("deleteApi", { id: api.id }, "deletedApiId");
    expect(deleted.deletedApiId).toBe(api.id);
    expect(await f.lastChanges()).toEqual([`remove key/${key.id} !`, `remove api/${api.id} !`]);
  });

  it("turns pages both ways, whatever the collation", async () => {
    await using f = await start();
    const names = ["delta", "Alpha", "charlie", "Bravo", "echo", "_x", "Ärm", "alpha 2", "10", "9"];
    for (const name of names) await f.subscription(name);
    const query =
      "query($a: String, $b: String, $f: Int, $l: Int) { subscriptions(first: $f, after: $a, last: $l, before: $b) { nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    const whole = (await f.run(query, { f: 100 })).subscriptions.nodes;
    const seen: unknown[] = [];
    let page = (await f.run(query, { f: 3 })).subscriptions;
    for (;;) {
      seen.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) break;
      page = (await f.run(query, { f: 3, a: page.pageInfo.endCursor })).subscriptions;
    }
    expect(seen).toEqual(whole);
    const back = (await f.run(query, { l: 100, b: page.pageInfo.startCursor })).subscriptions.nodes;
    expect([...back, ...page.nodes]).toEqual(whole);
  });

  it("several control planes take turns: one of many simultaneous updates wins, and revisions have no gap", async () => {
    await using one = await start();
    await using two = await start();
    const subscriptionId = await one.subscription();
    const { api } = await one.api(subscriptionId);
    const first = await one.revision();
    const payloads = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        onceNotBusy(() =>
          (i % 2 === 0 ? one : two).mutate(
            "updateApi",
            { id: api.id, expectedVersion: 1, title: `T${i}`, summary: "", routes: [] },
            "api { id }",
          ),
        ),
      ),
    );
    expect(payloads.filter((payload) => payload.api !== null)).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        onceNotBusy(() => (i % 2 === 0 ? one : two).api(subscriptionId, { title: `A${i}` })),
      ),
    );
    const rows = await one.db
      .selectFrom("change_log")
      .select("number")
      .distinct()
      .orderBy("number")
      .execute();
    expect(rows.map((row) => row.number)).toEqual(Array.from({ length: first + 21 }, (_, i) => i + 1));
    expect(await two.revision()).toBe(first + 21);
  });

  it("bounds the waiting of a writer, and leaves nothing behind in a connection that PgBouncer may share", async () => {
    const db = await openPostgres({ url: server.url, logger });
    const limits = sql<{ lock: string; statement: string }>`
      select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
    const within = await writeTransaction(db, (trx) => limits.execute(trx));
    const after = await limits.execute(db);
    await db.destroy();
    expect(within.rows).toEqual([{ lock: "4s", statement: "30s" }]);
    expect(after.rows).toEqual([{ lock: "0", statement: "0" }]);
  });

  it("says so when the database is away, and goes on when it is back", async () => {
    await using f = await start();
    await f.subscription("Before");
    server.stop();
    try {
      const { errors } = await f.raw("{ subscriptions { totalCount } }");
      expect(errors).toMatchObject([{ extensions: { code: "STORAGE_UNAVAILABLE" } }]);
    } finally {
      server.start();
    }
    expect((await f.run("{ subscriptions { totalCount } }")).subscriptions.totalCount).toBe(1);
  });

  it("leaves no session in an aborted transaction when a writer waits in vain, and calls it busy", async () => {
    await using f = await start();
    await f.subscription("Before");
    await using other = await server.connect();
    // The writers' lock: every writer gives up after its lock time-out.
    await other.query("begin; select pg_advisory_xact_lock(1280001369)");
    const errors = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => (await createSubscription(f, `S${i}`)).errors?.[0]),
    );
    expect(errors).toMatchObject(
      errors.map(() => ({ extensions: { code: "STORAGE_BUSY", retryAfterMs: 1_000 } })),
    );
    await other.query("rollback");
    // Every session of the pool is used again, and none of them is in what was before.
    const after = await Promise.all(
      Array.from({ length: 30 }, () => f.raw("{ subscriptions { totalCount } }")),
    );
    expect(after.map(({ data }) => data)).toEqual(after.map(() => ({ subscriptions: { totalCount: 1 } })));
    expect((await createSubscription(f, "After")).errors).toBeUndefined();
  });

  it("calls statement time-outs busy, and goes on at once when the cause is gone", async () => {
    await using f = await start();
    await f.subscription("Before");
    await using other = await server.connect();
    try {
      await other.query("alter role latchkey set statement_timeout = '300ms'");
      // Sessions from before have no limit.
      await other.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey'",
      );
      await other.query("begin; lock table subscription in access exclusive mode");
      const reads = await Promise.all(
        Array.from({ length: 12 }, async () => (await f.raw("{ subscriptions { totalCount } }")).errors?.[0]),
      );
      const codes = new Set(reads.map((error) => error?.extensions?.code));
      // Those that had a session from before read that the server has ended it.
      codes.delete("STORAGE_UNAVAILABLE");
      expect([...codes]).toEqual(["STORAGE_BUSY"]);
      await other.query("rollback");
      expect((await f.run("{ subscriptions { totalCount } }")).subscriptions.totalCount).toBe(1);
    } finally {
      await other.query("alter role latchkey reset statement_timeout");
    }
  });

  it("begins one new epoch after a restore, however many control planes notice it", async () => {
    await using one = await start();
    await using two = await start();
    await one.api(await one.subscription());
    const before = one.nodes.registry.newest;
    const held = { epoch: before.epoch, number: before.number + 50 };
    // The database was opened by the system's clock.
    const guards = [one, two].map(
      ({ services }) => new EpochGuard({ units: services.units, clock: systemClock, logger }),
    );
    const begun = await Promise.all(guards.map((guard, i) => guard.setBack({ held, nodeId: `node ${i}` })));
    expect(begun).toEqual([true, true]);
    const revision = await one.db
      .selectFrom("revision")
      .select(["epoch", "number"])
      .executeTakeFirstOrThrow();
    expect(revision.epoch).toBeGreaterThan(before.epoch);
    expect(revision.number).toBe(0);
    const { auditLog } = await two.run(
      '{ auditLog(first: 10, filter: { action: "epoch.begin" }) { nodes { actor } } }',
    );
    expect(auditLog.nodes).toEqual([{ actor: "control-plane" }]);
    const { server } = await two.run(
      "{ server { databaseSetBack { found { number } lost { number } message } } }",
    );
    expect(server.databaseSetBack).toMatchObject({
      found: { number: before.number },
      lost: { number: held.number },
    });
    expect(await one.api(await one.subscription("After"))).toBeDefined();
    expect(await one.revision()).toBe(1);
  });

  it("tells a control plane what nodes of another one confirmed, and whose token was replaced there", async () => {
    await using one = await start({ isShared: true });
    await using two = await start({ isShared: true });
    const created = await one.mutate("createNode", { name: "n" }, "node { id } token");
    const { id } = created.node;
    const { registry } = two.nodes;
    await eventually(
      async () => registry.authenticate(created.token) ?? undefined,
      "the other one knows the node",
    );
    let ended: string | null = null;
    const session: NodeSession = {
      nodeId: id,
      instanceId: "i",
      usageStored: () => {},
      softwareVersion: "1",
      peer: "127.0.0.1:1",
      close: (why) => {
        ended = why;
        registry.closed(session, why);
      },
    };
    registry.opened(session);
    const revision = one.nodes.registry.newest;
    registry.acked(id, { revision, digestMatches: true, digest: Buffer.alloc(32), rejected: [], applyUs: 1 });
    await eventually(
      async () => (one.nodes.receipts.now(revision, "ALL").acknowledged.length > 0 ? true : undefined),
      "the first one knows what the node confirmed",
    );
    await one.api(await one.subscription("Another revision"));
    const next = one.nodes.registry.newest;
    expect(next.number).toBeGreaterThan(revision.number);
    expect(one.nodes.receipts.now(next, "ALL").isComplete).toBe(false);
    for (const { clock } of [one, two]) clock.advance(40);
    registry.acked(id, {
      revision: next,
      digestMatches: true,
      digest: Buffer.alloc(32),
      rejected: [],
      applyUs: 1,
    });
    const receipt = await one.nodes.receipts.wait(next, "ALL", 10_000);
    expect(receipt.isComplete).toBe(true);
    expect(receipt.acknowledged[0]?.afterMs).toBe(40);
    await one.mutate("regenerateNodeToken", { id }, "token");
    await eventually(async () => ended ?? undefined, "its stream is ended");
    expect(ended).toBe("revoked");
    expect(registry.authenticate(created.token)).toBeNull();
  });

  it("tells a control plane what nodes of another one cannot use, for as long as that holds", async () => {
    await using one = await start({ isShared: true });
    await using two = await start({ isShared: true });
    const { node } = await one.mutate("createNode", { name: "n" }, "node { id }");
    const subscriptionId = await one.subscription();
    const { credential } = await one.mutate(
      "createCredential",
      { subscriptionId, name: "Token", header: { name: "X-Key" }, secret: { reference: "env:TOKEN" } },
      "credential { id }",
    );
    const integration = await one.integration(subscriptionId, { credentialIds: [credential.id] });
    const { registry } = two.nodes;
    await eventually(async () => registry.view(node.id) ?? undefined, "the other one knows the node");
    const revision = one.nodes.registry.newest;
    const isSeen = async (rejected: readonly RejectedReport[], what: string) => {
      registry.acked(node.id, {
        revision,
        digestMatches: true,
        digest: Buffer.alloc(32),
        rejected,
        applyUs: 1,
      });
      const read = () =>
        one.run(
          `query ($id: ID!) {
            integration(id: $id) { rejections { ...R } credentials { rejections { ...R } } }
            credentials(first: 5) { nodes { name rejections { ...R } } }
            ingressNodes { nodes { rejectedResources { name } } }
            overview { attention { kind name nodes } }
          }
          fragment R on Rejection { node { name } reason }`,
          { id: integration },
        );
      await eventually(async () => {
        const { overview } = await read();
        return overview.attention.length === rejected.length ? true : undefined;
      }, what);
      // Once more: the fields of one response are read one after the other, and the report may have come between.
      return read();
    };
    const reason = "healthCheck: not known";
    const rejection = { node: { name: "n" }, reason };
    const refs = [
      { kind: "integration", id: integration },
      { kind: "credential", id: credential.id as string },
    ] as const;
    const reports = refs.map((ref) => ({ ref, reason }));
    expect(await isSeen(reports, "the first one knows of it")).toEqual({
      integration: { rejections: [rejection], credentials: [{ rejections: [rejection] }] },
      credentials: { nodes: [{ name: "Token", rejections: [rejection] }] },
      ingressNodes: { nodes: [{ rejectedResources: [{ name: "Orders" }, { name: "Token" }] }] },
      overview: {
        attention: [
          { kind: "INTEGRATION_REJECTED", name: "Orders", nodes: 1 },
          { kind: "CREDENTIAL_REJECTED", name: "Token", nodes: 1 },
        ],
      },
    });
    expect(one.nodes.registry.view(node.id)?.status).toBe("REJECTING");
    await isSeen([], "the first one knows that it is over");
    expect(one.nodes.registry.view(node.id)?.rejected).toEqual([]);
  });

  it("refuses a database of a newer release, and an address where none is", async () => {
    const db = await openPostgres({ url: server.url, logger });
    await sql`insert into kysely_migration (name, timestamp) values ('9999-future', '')`.execute(db);
    await db.destroy();
    await expect(openPostgres({ url: server.url, logger })).rejects.toMatchObject({ code: "newer" });
    const nowhere = openPostgres({ url: "postgres://latchkey@127.0.0.1:1/postgres", logger });
    await expect(nowhere).rejects.toBeInstanceOf(StorageError);
  });
});
