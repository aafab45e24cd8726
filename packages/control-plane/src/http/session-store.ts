/**
 * Console sessions: a random cookie that only the browser holds, its digest in the database, and a CSRF token made
 * of the cookie. A session ends by time, by signing out, or with its operator.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "@latchkey/core";
import type { Db } from "../db/schema.js";
import type { Principal } from "../principal.js";
import type { Authenticator } from "./authenticator.js";

const COOKIE_BYTES = 32;
/** Sessions kept; the oldest go first. */
const SESSIONS_MAX = 1_000;

export interface NewSession {
  readonly cookie: string;
  readonly csrfToken: string;
  readonly expiresAtMs: number;
}

export interface SessionStoreDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly lifetimeMs: number;
}

export class SessionStore {
  readonly #deps: SessionStoreDeps;

  constructor(deps: SessionStoreDeps) {
    this.#deps = deps;
  }

  async open(principal: Principal): Promise<NewSession> {
    const { db, clock, lifetimeMs } = this.#deps;
    const cookie = randomBytes(COOKIE_BYTES).toString("base64url");
    const nowMs = clock.now();
    const expiresAtMs = nowMs + lifetimeMs;
    await db.deleteFrom("session").where("expires_at_ms", "<=", nowMs).execute();
    await this.#makeRoom();
    await db
      .insertInto("session")
      .values({
        digest: digestOf(cookie),
        actor: principal.actor,
        created_at_ms: nowMs,
        expires_at_ms: expiresAtMs,
      })
      .execute();
    return { cookie, csrfToken: csrfTokenOf(cookie), expiresAtMs };
  }

  /** Who the cookie belongs to, or null. */
  async find(cookie: string): Promise<Principal | null> {
    const { db, clock, authenticator } = this.#deps;
    const row = await db
      .selectFrom("session")
      .select(["actor", "expires_at_ms"])
      .where("digest", "=", digestOf(cookie))
      .executeTakeFirst();
    if (row === undefined || row.expires_at_ms <= clock.now() || !authenticator.knows(row.actor)) return null;
    return { actor: row.actor, via: "session" };
  }

  async close(cookie: string): Promise<void> {
    await this.#deps.db.deleteFrom("session").where("digest", "=", digestOf(cookie)).execute();
  }

  async #makeRoom(): Promise<void> {
    const { db } = this.#deps;
    const surplus = await db
      .selectFrom("session")
      .select("digest")
      .orderBy("created_at_ms", "desc")
      .offset(SESSIONS_MAX - 1)
      .limit(100)
      .execute();
    if (surplus.length > 0)
      await db
        .deleteFrom("session")
        .where(
          "digest",
          "in",
          surplus.map((row) => row.digest),
        )
        .execute();
  }
}

/** Readable by scripts of the console's own page only, which get it from `/session`. */
export function csrfTokenOf(cookie: string): string {
  return createHash("sha256").update("latchkey-csrf:").update(cookie).digest("base64url");
}

export function isCsrfToken(cookie: string, given: string | undefined): boolean {
  const expected = Buffer.from(csrfTokenOf(cookie));
  const actual = Buffer.from(given ?? "");
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function digestOf(cookie: string): Buffer {
  return createHash("sha256").update(cookie, "utf8").digest();
}
