/** The rows of console sessions. Knows digests, never a cookie or a CSRF token. */
import type { Selectable } from "kysely";
import { fetchPage, type Order, type Page, type PageRequest } from "../../db/page.js";
import type { Db, SessionTable } from "../../db/schema.js";
import { type Session, sessionLimits } from "./session.js";

/** Which rows are valid now. */
export interface Validity {
  readonly nowMs: number;
  readonly idleMs: number;
  /** Of all tokens that are configured. */
  readonly bindings: readonly Buffer[];
}

const newestFirst: Order = { name: "createdAt", column: "created_at_ms", direction: "desc" };

export async function insertSession(db: Db, row: Selectable<SessionTable>): Promise<void> {
  await db.insertInto("session").values(row).execute();
}

/** The valid session with this digest of its cookie. */
export async function findByDigest(db: Db, digest: Buffer, validity: Validity) {
  return valid(db, validity).where("digest", "=", digest).selectAll().executeTakeFirst();
}

export async function findSession(db: Db, id: string, validity: Validity): Promise<Session | null> {
  const row = await valid(db, validity).where("id", "=", id).selectAll().executeTakeFirst();
  return row === undefined ? null : toSession(row, validity.idleMs);
}

/** Those of these ids that are valid. */
export async function findValidIds(db: Db, ids: readonly string[], validity: Validity): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await valid(db, validity).where("id", "in", ids).select("id").execute();
  return new Set(rows.flatMap(({ id }) => (id === null ? [] : [id])));
}

export function pageSessions(db: Db, validity: Validity, request: PageRequest): Promise<Page<Session>> {
  const rows = valid(db, validity).selectAll().$narrowType<{ id: string }>();
  return fetchPage(rows, newestFirst, request, (row) => toSession(row, validity.idleMs));
}

export async function countSessions(db: Db, validity: Validity): Promise<number> {
  const row = await valid(db, validity)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Every valid session, oldest first; their number is bounded. */
export async function findSessions(db: Db, validity: Validity): Promise<readonly Session[]> {
  const rows = await valid(db, validity).selectAll().orderBy("created_at_ms").execute();
  return rows.map((row) => toSession(row, validity.idleMs));
}

export async function markUsed(db: Db, id: string, nowMs: number): Promise<void> {
  await db.updateTable("session").set({ last_used_at_ms: nowMs }).where("id", "=", id).execute();
}

export async function deleteSessions(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom("session").where("id", "in", ids).execute();
}

/** Deletes the sessions whose token is not that of their operator. */
export async function deleteReplaced(
  db: Db,
  isCurrent: (actor: string, binding: Buffer) => boolean,
): Promise<void> {
  const opened = await db.selectFrom("session").select(["actor", "token_binding"]).distinct().execute();
  for (const { actor, token_binding: binding } of opened) {
    if (binding === null || isCurrent(actor, binding)) continue;
    await db.deleteFrom("session").where("actor", "=", actor).where("token_binding", "=", binding).execute();
  }
}

/** Deletes what is no longer valid, and the operator's oldest sessions when there is no room for another one. */
export async function makeRoom(db: Db, actor: string, { nowMs, idleMs, bindings }: Validity): Promise<void> {
  await db
    .deleteFrom("session")
    .where((eb) =>
      eb.or([
        eb("id", "is", null),
        eb("expires_at_ms", "<=", nowMs),
        eb("last_used_at_ms", "<=", nowMs - idleMs),
        eb("token_binding", "not in", bindings),
      ]),
    )
    .execute();
  const surplus = await db
    .selectFrom("session")
    .select("digest")
    .where("actor", "=", actor)
    .orderBy("created_at_ms", "desc")
    .offset(sessionLimits.sessionsPerOperatorMax - 1)
    .limit(100)
    .execute();
  const digests = surplus.map((row) => row.digest);
  if (digests.length > 0) await db.deleteFrom("session").where("digest", "in", digests).execute();
}

function valid(db: Db, { nowMs, idleMs, bindings }: Validity) {
  return db
    .selectFrom("session")
    .where("id", "is not", null)
    .where("expires_at_ms", ">", nowMs)
    .where("last_used_at_ms", ">", nowMs - idleMs)
    .where("token_binding", "in", bindings);
}

export function toSession(row: Selectable<SessionTable>, idleMs: number): Session {
  const lastUsedAtMs = row.last_used_at_ms ?? row.created_at_ms;
  return {
    id: row.id ?? "",
    actor: row.actor,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs,
    expiresAtMs: Math.min(row.expires_at_ms, lastUsedAtMs + idleMs),
    address: row.address,
    userAgent: row.user_agent,
  };
}
