/** Subscriptions in the database. Gives domain values, never rows; checks nothing. */
import type { SubscriptionId } from "@latchkey/core";
import type { Selectable } from "kysely";
import { type Direction, fetchPage, type Page, type PageRequest } from "../../db/page.js";
import type { Db, SubscriptionTable } from "../../db/schema.js";
import { containsWords, fold, isSearch } from "../../db/text.js";
import type { Subscription } from "./subscription.js";

export interface SubscriptionFilter {
  readonly search?: string | null | undefined;
}

export type SubscriptionOrderField = "name" | "createdAt";

export interface SubscriptionOrder {
  readonly field: SubscriptionOrderField;
  readonly direction: Direction;
}

const orderColumns = { name: "name_key", createdAt: "created_at_ms" } as const;

export async function findSubscription(db: Db, id: string): Promise<Subscription | null> {
  const row = await db.selectFrom("subscription").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toSubscription(row);
}

export async function findSubscriptions(db: Db, ids: readonly string[]): Promise<Subscription[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("subscription").selectAll().where("id", "in", ids).execute();
  return rows.map(toSubscription);
}

export function pageSubscriptions(
  db: Db,
  filter: SubscriptionFilter,
  order: SubscriptionOrder,
  request: PageRequest,
): Promise<Page<Subscription>> {
  return fetchPage(
    filtered(db, filter).selectAll(),
    { name: order.field, column: orderColumns[order.field], direction: order.direction },
    request,
    toSubscription,
  );
}

export async function countSubscriptions(db: Db, filter: SubscriptionFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function insertSubscription(db: Db, subscription: Subscription): Promise<void> {
  await db.insertInto("subscription").values(toRow(subscription)).execute();
}

export async function updateSubscription(db: Db, subscription: Subscription): Promise<void> {
  const { id, ...rest } = toRow(subscription);
  await db.updateTable("subscription").set(rest).where("id", "=", id).execute();
}

export async function deleteSubscription(db: Db, id: SubscriptionId): Promise<void> {
  await db.deleteFrom("subscription").where("id", "=", id).execute();
}

function filtered(db: Db, filter: SubscriptionFilter) {
  let query = db.selectFrom("subscription");
  const { search } = filter;
  if (isSearch(search)) query = query.where((eb) => containsWords(eb, "name_key", search));
  return query;
}

function toSubscription(row: Selectable<SubscriptionTable>): Subscription {
  return {
    id: row.id as SubscriptionId,
    name: row.name,
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function toRow(subscription: Subscription): SubscriptionTable {
  return {
    id: subscription.id,
    name: subscription.name,
    name_key: fold(subscription.name),
    version: subscription.version,
    created_at_ms: subscription.createdAtMs,
    updated_at_ms: subscription.updatedAtMs,
  };
}
