/**
 * Console sessions: opened with a token, valid while they are used, for a longest life, and only as long as the token
 * they were opened with. The cookie and the CSRF token are random and independent; only their digests are kept.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, newId, ok } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Principal } from "../../auth/principal.js";
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
import { writeTransaction } from "../../db/transaction.js";
import { notFound, type Outcome } from "../../errors/user-error.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import { type Session, sessionLimits } from "./session.js";
import {
  countSessions,
  deleteReplaced,
  deleteSessions,
  findByDigest,
  findSession,
  findSessions,
  findValidIds,
  insertSession,
  makeRoom,
  markUsed,
  pageSessions,
  toSession,
  type Validity,
} from "./session-store.js";

const SECRET_BYTES = 32;
/** How often the use of a session is written. */
const USE_INTERVAL_MS = 60_000;

/** The operators' tokens as far as sessions are concerned. */
export interface TokenBindings {
  readonly bindings: readonly Buffer[];
  isCurrent(actor: string, binding: Buffer): boolean;
}

export interface OpenSession {
  readonly actor: string;
  /** Of the token that was shown. */
  readonly binding: Buffer;
  readonly address: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

export interface OpenedSession {
  readonly session: Session;
  readonly cookie: string;
  readonly csrfToken: string;
  /** End of its longest life. */
  readonly endsAtMs: number;
}

/** What a request with a session's cookie showed. */
export type SessionCheck =
  | { readonly kind: "valid"; readonly session: Session }
  /** The cookie is right, the CSRF token is not. */
  | { readonly kind: "csrf"; readonly session: Session }
  | { readonly kind: "unknown" };

export interface SessionServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tokens: TokenBindings;
  /** Longest life, however much it is used. */
  readonly lifetimeMs: number;
  /** Ends without use for so long. */
  readonly idleMs: number;
}

export class SessionService {
  readonly #deps: SessionServiceDeps;
  readonly #listeners = new Set<() => void>();

  constructor(deps: SessionServiceDeps) {
    this.#deps = deps;
  }

  /** Called after an operator ended sessions. */
  onEnded(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * For the start: a token that was replaced may come back, and what it opened before must not. A database that takes
   * no changes must not keep anybody from reading.
   */
  async deleteReplaced(): Promise<void> {
    const { db, tokens, logger } = this.#deps;
    try {
      await writeTransaction(db, (trx) => deleteReplaced(trx, (...token) => tokens.isCurrent(...token)));
    } catch (error) {
      logger.warn({ err: error }, "the sessions of replaced tokens cannot be deleted");
    }
  }

  /** @throws StorageError */
  async open(request: OpenSession): Promise<Outcome<Committed<OpenedSession>>> {
    const { units, lifetimeMs, idleMs } = this.#deps;
    const { actor, binding, address, userAgent, requestId } = request;
    const principal: Principal = { actor, via: "token", address };
    return units.run({ principal, requestId }, async (scope) => {
      const { trx, nowMs } = scope;
      const cookie = randomBytes(SECRET_BYTES).toString("base64url");
      const csrfToken = randomBytes(SECRET_BYTES).toString("base64url");
      const endsAtMs = nowMs + lifetimeMs;
      await makeRoom(trx, actor, this.#validity(nowMs));
      const row = {
        digest: digestOf(cookie),
        id: newId("session"),
        actor,
        token_binding: binding,
        csrf_digest: digestOf(csrfToken),
        created_at_ms: nowMs,
        last_used_at_ms: nowMs,
        expires_at_ms: endsAtMs,
        address,
        user_agent: userAgent === null ? null : userAgent.slice(0, sessionLimits.userAgentCharsMax),
      };
      await insertSession(trx, row);
      const session = toSession(row, idleMs);
      audit(scope, "create", session);
      return ok({ session, cookie, csrfToken, endsAtMs });
    });
  }

  /**
   * Checks a cookie, and the CSRF token unless it is null: where nothing is changed and no other site can read the
   * response. Counts as use of the session.
   */
  async check(cookie: string, csrfToken: string | undefined | null): Promise<SessionCheck> {
    const { db, clock, idleMs, tokens } = this.#deps;
    const nowMs = clock.now();
    const row = await findByDigest(db, digestOf(cookie), this.#validity(nowMs));
    if (row === undefined || row.token_binding === null || row.csrf_digest === null)
      return { kind: "unknown" };
    if (!tokens.isCurrent(row.actor, row.token_binding)) return { kind: "unknown" };
    const session = toSession(row, idleMs);
    if (csrfToken !== null && !timingSafeEqual(digestOf(csrfToken ?? ""), row.csrf_digest))
      return { kind: "csrf", session };
    if (nowMs - session.lastUsedAtMs >= Math.min(USE_INTERVAL_MS, idleMs / 4))
      await this.#use(session.id, nowMs);
    return { kind: "valid", session };
  }

  find(id: string): Promise<Session | null> {
    return findSession(this.#deps.db, id, this.#validity());
  }

  /** Which of these sessions are still valid. No use of them. */
  validIds(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return findValidIds(this.#deps.db, ids, this.#validity());
  }

  page(request: PageRequest): Promise<Page<Session>> {
    return pageSessions(this.#deps.db, this.#validity(), request);
  }

  count(): Promise<number> {
    return countSessions(this.#deps.db, this.#validity());
  }

  async end(context: WorkContext, input: { readonly id: string }): Promise<Outcome<Committed<Session>>> {
    const outcome = await this.#deps.units.run(context, async (scope) => {
      const session = await findSession(scope.trx, input.id, this.#validity(scope.nowMs));
      if (session === null) return notFound(["input", "id"], "session");
      await deleteSessions(scope.trx, [session.id]);
      audit(scope, "end", session);
      return ok(session);
    });
    if (outcome.ok) this.#ended();
    return outcome;
  }

  /** Ends all sessions but the one of the request, or those of one operator. */
  async endOthers(
    context: WorkContext,
    input: { readonly actor?: string | null | undefined },
  ): Promise<Outcome<Committed<readonly Session[]>>> {
    const outcome = await this.#deps.units.run<readonly Session[]>(context, async (scope) => {
      const { sessionId } = context.principal;
      const all = await findSessions(scope.trx, this.#validity(scope.nowMs));
      const others = all.filter(({ id, actor }) => id !== sessionId && actor === (input.actor ?? actor));
      await deleteSessions(
        scope.trx,
        others.map(({ id }) => id),
      );
      for (const session of others) audit(scope, "end", session);
      return ok(others);
    });
    if (outcome.ok) this.#ended();
    return outcome;
  }

  #ended(): void {
    for (const listener of this.#listeners) listener();
  }

  #validity(nowMs = this.#deps.clock.now()): Validity {
    return { nowMs, idleMs: this.#deps.idleMs, bindings: this.#deps.tokens.bindings };
  }

  /** A database that takes no changes must not keep anybody from reading. */
  async #use(id: string, nowMs: number): Promise<void> {
    try {
      await writeTransaction(this.#deps.db, (trx) => markUsed(trx, id, nowMs));
    } catch (error) {
      this.#deps.logger.warn({ err: error }, "the use of a session cannot be written");
    }
  }
}

function audit(scope: UnitOfWork, verb: "create" | "end", session: Session): void {
  const { actor, address, userAgent, createdAtMs } = session;
  const view = { actor, address, userAgent, signedInAt: new Date(createdAtMs).toISOString() };
  scope.audit({
    action: `session.${verb}`,
    targetKind: "session",
    targetId: session.id,
    targetName: actor,
    subscriptionId: null,
    before: verb === "end" ? view : null,
    after: verb === "end" ? null : view,
  });
}

function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}
