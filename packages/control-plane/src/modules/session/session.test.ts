import { createHash } from "node:crypto";
import { createLogger } from "@latchkey/observe";
import { expect, it } from "vitest";
import { Authenticator } from "../../auth/authenticator.js";
import { Fixture, SESSION_MS } from "../../testing/fixture.js";
import { SessionService } from "./session-service.js";

const MINUTE_MS = 60_000;
const IDLE_MS = SESSION_MS / 12;

it("ends when it is not used, lives on while it is, and never longer than its longest life", async () => {
  await using f = await Fixture.start();
  const idle = await f.openSession();
  f.clock.advance(IDLE_MS - 1);
  expect(await f.sessions.check(idle.cookie, idle.csrfToken)).toMatchObject({ kind: "valid" });
  f.clock.advance(IDLE_MS - 1);
  expect(await f.sessions.check(idle.cookie, idle.csrfToken)).toMatchObject({ kind: "valid" });
  f.clock.advance(IDLE_MS);
  expect(await f.sessions.check(idle.cookie, idle.csrfToken)).toEqual({ kind: "unknown" });

  const used = await f.openSession();
  for (let ms = 0; ms + IDLE_MS / 2 < SESSION_MS; ms += IDLE_MS / 2) {
    f.clock.advance(IDLE_MS / 2);
    expect(await f.sessions.check(used.cookie, used.csrfToken)).toMatchObject({ kind: "valid" });
  }
  f.clock.advance(IDLE_MS / 2);
  expect(await f.sessions.check(used.cookie, used.csrfToken)).toEqual({ kind: "unknown" });
});

it("writes its use at most once a minute, and not for looking whether it is valid", async () => {
  await using f = await Fixture.start();
  const { cookie, csrfToken, session } = await f.openSession();
  const usedAt = async () => (await f.sessions.find(session.id))?.lastUsedAtMs;
  const first = await usedAt();
  f.clock.advance(MINUTE_MS - 1);
  await f.sessions.check(cookie, csrfToken);
  expect(await usedAt()).toBe(first);
  f.clock.advance(IDLE_MS / 2);
  expect([...(await f.sessions.validIds([session.id]))]).toEqual([session.id]);
  expect(await usedAt()).toBe(first);
  await f.sessions.check(cookie, csrfToken);
  expect(await usedAt()).toBe(f.clock.now());
});

it("demands the CSRF token where one is due", async () => {
  await using f = await Fixture.start();
  const { cookie, csrfToken } = await f.openSession();
  expect(await f.sessions.check(cookie, null)).toMatchObject({ kind: "valid" });
  for (const wrong of [undefined, "", cookie, `${csrfToken}x`])
    expect(await f.sessions.check(cookie, wrong)).toMatchObject({ kind: "csrf" });
});

it("rests as digests only", async () => {
  await using f = await Fixture.start();
  const { cookie, csrfToken } = await f.openSession();
  const text = JSON.stringify(await f.db.selectFrom("session").selectAll().execute());
  for (const secret of [cookie, csrfToken]) expect(text).not.toContain(secret);
  const digest = createHash("sha256").update(cookie).digest();
  expect((await f.db.selectFrom("session").select("digest").executeTakeFirstOrThrow()).digest).toEqual(
    digest,
  );
});

it("ends with the token it was opened with, also when the operator keeps the name, and a second token of theirs does not", async () => {
  await using f = await Fixture.start();
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const serviceWith = (...tokens: readonly string[]) => serviceOf("admin", ...tokens);
  const serviceOf = (name: string, ...tokens: readonly string[]) => {
    const authenticator = new Authenticator(tokens.map((text) => ({ name, digest: digest(text) })));
    const service = new SessionService({
      db: f.db,
      units: f.services.units,
      clock: f.clock,
      logger: createLogger({ name: "test", level: "silent" }),
      tokens: authenticator,
      lifetimeMs: SESSION_MS,
      idleMs: IDLE_MS,
    });
    const open = async (token: string) => {
      const known = authenticator.byToken(token);
      if (known === null) throw new Error("unknown");
      const outcome = await service.open({ ...known, address: "192.0.2.7", userAgent: null, requestId: "r" });
      if (!outcome.ok) throw new Error("refused");
      return outcome.value.value;
    };
    return { service, open };
  };
  const old = serviceWith("first", "second");
  const [one, two] = [await old.open("first"), await old.open("second")];
  const { service } = serviceWith("second", "third");
  expect(await service.check(one.cookie, one.csrfToken)).toEqual({ kind: "unknown" });
  expect(await service.check(two.cookie, two.csrfToken)).toMatchObject({ kind: "valid" });
  expect(await service.count()).toBe(1);
  // The token comes back, and what it opened before does not.
  await service.deleteReplaced();
  expect(await old.service.check(one.cookie, one.csrfToken)).toEqual({ kind: "unknown" });
  expect(await old.service.check(two.cookie, two.csrfToken)).toMatchObject({ kind: "valid" });
  // The token is another operator's now: what was opened with it has the name of the one before.
  const renamed = serviceOf("anna", "second").service;
  expect(await renamed.check(two.cookie, two.csrfToken)).toEqual({ kind: "unknown" });
  await renamed.deleteReplaced();
  expect(await service.check(two.cookie, two.csrfToken)).toEqual({ kind: "unknown" });
});

it("of a release that bound it to nothing is no longer valid, and makes room", async () => {
  await using f = await Fixture.start();
  const digest = createHash("sha256").update("old").digest();
  await f.db
    .insertInto("session")
    .values({
      digest,
      id: null,
      actor: "admin",
      token_binding: null,
      csrf_digest: null,
      created_at_ms: f.clock.now(),
      last_used_at_ms: null,
      expires_at_ms: f.clock.now() + SESSION_MS,
      address: null,
      user_agent: null,
    })
    .execute();
  expect(await f.sessions.check("old", null)).toEqual({ kind: "unknown" });
  expect(await f.sessions.count()).toBe(0);
  await f.openSession();
  expect(await f.db.selectFrom("session").select("actor").execute()).toHaveLength(1);
});

it("is listed with where it came from, and ended by its id, all others at once, or those of one operator", async () => {
  await using f = await Fixture.start();
  const first = await f.openSession("192.0.2.1");
  f.clock.advance(1000);
  const second = await f.openSession("192.0.2.2");
  let endings = 0;
  f.sessions.onEnded(() => endings++);
  const list = async () =>
    (
      await f.run(
        "{ sessions { totalCount nodes { id actor address userAgent isCurrent createdAt lastUsedAt expiresAt } } }",
      )
    ).sessions;
  expect(await list()).toMatchObject({
    totalCount: 2,
    nodes: [
      { id: second.session.id, actor: "admin", address: "192.0.2.2", userAgent: "Browser", isCurrent: false },
      { id: first.session.id, address: "192.0.2.1" },
    ],
  });
  const node = await f.run("query($id: ID!) { node(id: $id) { ... on Session { actor } } }", {
    id: first.session.id,
  });
  expect(node.node).toEqual({ actor: "admin" });

  const ended = await f.mutate("endSession", { id: first.session.id }, "endedSessionId");
  expect(ended).toMatchObject({ endedSessionId: first.session.id, userErrors: [] });
  expect(await f.sessions.check(first.cookie, first.csrfToken)).toEqual({ kind: "unknown" });
  const again = await f.mutate("endSession", { id: first.session.id }, "endedSessionId");
  expect(again).toMatchObject({ endedSessionId: null, userErrors: [{ code: "NOT_FOUND" }] });

  const nobody = await f.mutate("endOtherSessions", { actor: "eve" }, "endedSessionIds");
  expect(nobody.endedSessionIds).toEqual([]);
  const others = await f.mutate("endOtherSessions", {}, "endedSessionIds");
  expect(others.endedSessionIds).toEqual([second.session.id]);
  expect(endings).toBe(3);
  const { auditLog } = await f.run("{ auditLog { nodes { action targetId address after before } } }");
  expect(auditLog.nodes.map((entry: { action: string }) => entry.action)).toEqual([
    "session.end",
    "session.end",
    "session.create",
    "session.create",
  ]);
  expect(auditLog.nodes[2]).toMatchObject({ targetId: second.session.id, address: "192.0.2.2" });
});

it("makes room for a new one by ending the operator's oldest, and nobody else's", async () => {
  await using f = await Fixture.start();
  const oldest = await f.openSession();
  const row = await f.db.selectFrom("session").selectAll().executeTakeFirstOrThrow();
  const more = Array.from({ length: 99 }, (_, i) => ({
    ...row,
    digest: createHash("sha256").update(String(i)).digest(),
    id: `ses_${i}`,
    created_at_ms: row.created_at_ms + 1,
  }));
  const digest = createHash("sha256").update("of Anna").digest();
  const ofAnna = { ...row, digest, id: "ses_anna", actor: "anna", created_at_ms: row.created_at_ms - 1 };
  await f.db
    .insertInto("session")
    .values([ofAnna, ...more])
    .execute();
  f.clock.advance(1000);
  await f.openSession();
  const left = (await f.db.selectFrom("session").select("id").execute()).map(({ id }) => id);
  expect(left).toHaveLength(101);
  expect(left).toContain("ses_anna");
  expect(await f.sessions.check(oldest.cookie, null)).toEqual({ kind: "unknown" });
});
