/** Keys in the database. Gives domain values, never rows; checks nothing, and never sees a secret. */
import { isDeepStrictEqual } from "node:util";
import { type ApiId, type ApiKeyId, noIpRules } from "@latchkey/core";
import type { KeyMode, RateLimit } from "@latchkey/snapshot";
import type { Selectable } from "kysely";
import { fromOwnershipColumns, hasLabel, toOwnershipColumns } from "../../db/ownership.js";
import { type Direction, fetchPage, type Page, type PageRequest } from "../../db/page.js";
import { type ApiKeyTable, bit, type Db } from "../../db/schema.js";
import { containsWords, fold, isSearch } from "../../db/text.js";
import { labelOf } from "../../forms/ownership-form.js";
import type { ApiKey } from "./api-key.js";

export interface ApiKeyFilter {
  readonly apiId?: string | null | undefined;
  readonly mode?: KeyMode | null | undefined;
  readonly subscriptionId?: string | null | undefined;
  readonly active?: boolean | null | undefined;
  readonly search?: string | null | undefined;
  readonly label?: string | null | undefined;
  /** Active ones that expire before, or have expired. */
  readonly expiresBefore?: Date | null | undefined;
}

export type ApiKeyOrderField = "createdAt" | "name";

export interface ApiKeyOrder {
  readonly field: ApiKeyOrderField;
  readonly direction: Direction;
}

const orderColumns = { createdAt: "created_at_ms", name: "name_key" } as const;

export async function findApiKey(db: Db, id: string): Promise<ApiKey | null> {
  const row = await db.selectFrom("api_key").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toApiKey(row);
}

export async function findApiKeys(db: Db, ids: readonly string[]): Promise<ApiKey[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("api_key").selectAll().where("id", "in", ids).execute();
  return rows.map(toApiKey);
}

export async function findApiKeyIdsOf(db: Db, apiId: string): Promise<ApiKeyId[]> {
  const rows = await db.selectFrom("api_key").select("id").where("api_id", "=", apiId).execute();
  return rows.map((row) => row.id as ApiKeyId);
}

export interface ExpiryWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Active ones, soonest first. */
export async function findExpiringKeys(db: Db, within: ExpiryWindow, limit: number): Promise<ApiKey[]> {
  const rows = await expiringKeys(db, within).selectAll().orderBy("expires_at_ms").limit(limit).execute();
  return rows.map(toApiKey);
}

/** Active ones. */
export async function countExpiringKeys(db: Db, within: ExpiryWindow): Promise<number> {
  const counted = expiringKeys(db, within).select((eb) => eb.fn.countAll<number>().as("count"));
  return Number((await counted.executeTakeFirstOrThrow()).count);
}

function expiringKeys(db: Db, { fromMs, toMs }: ExpiryWindow) {
  return db
    .selectFrom("api_key")
    .where("active", "=", bit(true))
    .where("expires_at_ms", ">=", fromMs)
    .where("expires_at_ms", "<", toMs);
}

/** Active ones that live and were made before; never used ones first, then those unused for longest. */
export async function findUnusedKeys(db: Db, sinceMs: number, limit: number): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom("api_key")
    .selectAll()
    .where("active", "=", bit(true))
    .where("created_at_ms", "<", sinceMs)
    .where((eb) => eb.or([eb("last_used_at_ms", "is", null), eb("last_used_at_ms", "<", sinceMs)]))
    .where((eb) => eb.or([eb("expires_at_ms", "is", null), eb("expires_at_ms", ">", sinceMs)]))
    .orderBy((eb) => eb.fn.coalesce("last_used_at_ms", eb.val(0)))
    .orderBy("created_at_ms")
    .limit(limit)
    .execute();
  return rows.map(toApiKey);
}

export async function hasWebhookKey(db: Db, apiId: string): Promise<boolean> {
  const row = await db
    .selectFrom("api_key")
    .select("id")
    .where("api_id", "=", apiId)
    .where("mode", "=", "webhook")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export function pageApiKeys(
  db: Db,
  filter: ApiKeyFilter,
  order: ApiKeyOrder,
  request: PageRequest,
): Promise<Page<ApiKey>> {
  return fetchPage(
    filtered(db, filter).selectAll(),
    {
      name: order.field,
      column: orderColumns[order.field],
      direction: order.direction,
      isSearch: isSearch(filter.search),
    },
    request,
    toApiKey,
  );
}

export async function countApiKeys(db: Db, filter: ApiKeyFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The next `limit` by id, for a caller that reads them all. */
export async function nextApiKeys(db: Db, afterId: string, limit: number): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom("api_key")
    .selectAll()
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toApiKey);
}

export async function insertApiKey(db: Db, key: ApiKey): Promise<void> {
  await db.insertInto("api_key").values(toRow(key)).execute();
}

/** All but the time of last use, which others write. */
export async function updateApiKey(db: Db, key: ApiKey): Promise<void> {
  const { id, last_used_at_ms: _, ...rest } = toRow(key);
  await db.updateTable("api_key").set(rest).where("id", "=", id).execute();
}

/** When keys were last used, as nodes report: milliseconds since 1970 by key. Never moves one back. */
export async function saveApiKeysUsed(db: Db, lastUsedAtMs: ReadonlyMap<string, number>): Promise<void> {
  for (const [id, atMs] of lastUsedAtMs)
    await db
      .updateTable("api_key")
      .set({ last_used_at_ms: atMs })
      .where("id", "=", id)
      .where((eb) => eb.or([eb("last_used_at_ms", "is", null), eb("last_used_at_ms", "<", atMs)]))
      .execute();
}

export async function deleteApiKey(db: Db, id: ApiKeyId): Promise<void> {
  await db.deleteFrom("api_key").where("id", "=", id).execute();
}

/** The Api is no longer recoverable: its encrypted secrets are deleted. */
export async function deleteEncryptedSecrets(db: Db, apiId: ApiId): Promise<void> {
  await db.updateTable("api_key").set({ sealed_secret: null }).where("api_id", "=", apiId).execute();
}

function filtered(db: Db, filter: ApiKeyFilter) {
  let query = db.selectFrom("api_key");
  const { apiId, subscriptionId, active, mode } = filter;
  if (apiId) query = query.where("api_id", "=", apiId);
  if (mode) query = query.where("mode", "=", mode);
  if (subscriptionId)
    query = query.where("api_id", "in", (eb) =>
      eb.selectFrom("api").select("api.id").where("api.subscription_id", "=", subscriptionId),
    );
  if (active !== null && active !== undefined) query = query.where("active", "=", bit(active));
  const { label, expiresBefore } = filter;
  if (label) query = query.where((eb) => hasLabel(eb, labelOf(label)));
  if (expiresBefore) {
    const beforeMs = expiresBefore.getTime();
    query = query.where("active", "=", bit(true)).where("expires_at_ms", "<", beforeMs);
  }
  const { search } = filter;
  if (isSearch(search)) query = query.where((eb) => containsWords(eb, "name_key", search));
  return query;
}

function toApiKey(row: Selectable<ApiKeyTable>): ApiKey {
  return {
    id: row.id as ApiKeyId,
    apiId: row.api_id as ApiId,
    name: row.name,
    digest: row.digest,
    display: row.display,
    active: row.active === 1,
    mode: row.mode,
    expiresAtMs: row.expires_at_ms,
    previous:
      row.previous_digest === null || row.previous_not_after_ms === null
        ? null
        : { digest: row.previous_digest, notAfterMs: row.previous_not_after_ms },
    encryptedSecret: row.sealed_secret,
    rateLimit: row.rate_limit === null ? null : (JSON.parse(row.rate_limit) as RateLimit),
    quota: row.quota === null ? null : (JSON.parse(row.quota) as RateLimit),
    ...policiesOf(row.policies),
    ...fromOwnershipColumns(row),
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  };
}

type KeyPolicies = Pick<ApiKey, "ipRules" | "scopes">;

const noPolicies: KeyPolicies = { ipRules: noIpRules, scopes: [] };

/** Rows of earlier releases lack what came later. */
function policiesOf(text: string | null): KeyPolicies {
  return text === null ? noPolicies : { ...noPolicies, ...(JSON.parse(text) as Partial<KeyPolicies>) };
}

/** Null where a key has none. */
function policiesText({ ipRules, scopes }: KeyPolicies): string | null {
  const policies: KeyPolicies = { ipRules, scopes };
  return isDeepStrictEqual(policies, noPolicies) ? null : JSON.stringify(policies);
}

function toRow(key: ApiKey): ApiKeyTable {
  return {
    id: key.id,
    api_id: key.apiId,
    name: key.name,
    // The start of the secret is searched for as well: it is what people see in a log of theirs.
    name_key: fold(`${key.name} ${key.display}`),
    digest: key.digest,
    display: key.display,
    active: bit(key.active),
    mode: key.mode,
    expires_at_ms: key.expiresAtMs,
    previous_digest: key.previous?.digest ?? null,
    previous_not_after_ms: key.previous?.notAfterMs ?? null,
    sealed_secret: key.encryptedSecret,
    rate_limit: key.rateLimit === null ? null : JSON.stringify(key.rateLimit),
    quota: key.quota === null ? null : JSON.stringify(key.quota),
    policies: policiesText(key),
    ...toOwnershipColumns(key),
    version: key.version,
    created_at_ms: key.createdAtMs,
    updated_at_ms: key.updatedAtMs,
    last_used_at_ms: key.lastUsedAtMs,
  };
}
