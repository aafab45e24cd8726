/** Reads the audit log, newest first. */
import type { Selectable } from "kysely";
import { fetchPage, type Order, type Page, type PageRequest } from "../../db/page.js";
import type { AuditLogTable, Db } from "../../db/schema.js";
import type { AuditEntry, AuditTargetKind } from "./audit-entry.js";

export interface AuditFilter {
  readonly actor?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly targetId?: string | null | undefined;
  /** Its keys included, deleted ones as well. */
  readonly apiId?: string | null | undefined;
  readonly subscriptionId?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

const newestFirst: Order = { name: "at", column: "at_ms", direction: "desc" };

export function pageAudit(db: Db, filter: AuditFilter, request: PageRequest): Promise<Page<AuditEntry>> {
  return fetchPage(filtered(db, filter).selectAll(), newestFirst, request, toEntry);
}

export async function countAudit(db: Db, filter: AuditFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function findAuditEntry(db: Db, id: string): Promise<AuditEntry | null> {
  const row = await db.selectFrom("audit_log").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toEntry(row);
}

export async function findNewestAudit(db: Db, filter: AuditFilter): Promise<AuditEntry | null> {
  const row = await filtered(db, filter).selectAll().orderBy("at_ms", "desc").limit(1).executeTakeFirst();
  return row === undefined ? null : toEntry(row);
}

function filtered(db: Db, filter: AuditFilter) {
  let query = db.selectFrom("audit_log");
  if (filter.actor) query = query.where("actor", "=", filter.actor);
  if (filter.action) query = query.where("action", "=", filter.action);
  if (filter.targetId) query = query.where("target_id", "=", filter.targetId);
  if (filter.apiId) query = query.where("api_id", "=", filter.apiId);
  if (filter.subscriptionId) query = query.where("subscription_id", "=", filter.subscriptionId);
  if (filter.address) query = query.where("address", "=", filter.address);
  if (filter.since) query = query.where("at_ms", ">=", filter.since.getTime());
  if (filter.until) query = query.where("at_ms", "<", filter.until.getTime());
  return query;
}

function toEntry(row: Selectable<AuditLogTable>): AuditEntry {
  return {
    id: row.id,
    atMs: row.at_ms,
    actor: row.actor,
    action: row.action,
    targetKind: row.target_kind as AuditTargetKind,
    targetId: row.target_id,
    targetName: row.target_name,
    subscriptionId: row.subscription_id,
    before: row.before === null ? null : (JSON.parse(row.before) as object),
    after: row.after === null ? null : (JSON.parse(row.after) as object),
    revision: row.epoch === null || row.number === null ? null : { epoch: row.epoch, number: row.number },
    requestId: row.request_id,
    address: row.address,
  };
}
