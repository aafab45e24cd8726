/** Credentials in the database. Gives domain values, never rows; checks and decrypts nothing. */
import type { CredentialId, SubscriptionId } from "@latchkey/core";
import type { CredentialKind, CredentialScheme } from "@latchkey/snapshot";
import type { Selectable } from "kysely";
import { type Direction, fetchPage, type Page, type PageRequest } from "../../db/page.js";
import type { CredentialTable, Db } from "../../db/schema.js";
import { containsWords, fold, isSearch } from "../../db/text.js";
import type { Credential } from "./credential.js";

export interface CredentialFilter {
  readonly subscriptionId?: string | null | undefined;
  readonly kind?: CredentialKind | null | undefined;
  readonly search?: string | null | undefined;
}

export type CredentialOrderField = "name" | "createdAt" | "updatedAt";

export interface CredentialOrder {
  readonly field: CredentialOrderField;
  readonly direction: Direction;
}

const orderColumns = { name: "name_key", createdAt: "created_at_ms", updatedAt: "updated_at_ms" } as const;

export async function findCredential(db: Db, id: string): Promise<Credential | null> {
  const row = await db.selectFrom("credential").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toCredential(row);
}

export async function findCredentials(db: Db, ids: readonly string[]): Promise<Credential[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("credential").selectAll().where("id", "in", ids).execute();
  return rows.map(toCredential);
}

export function pageCredentials(
  db: Db,
  filter: CredentialFilter,
  order: CredentialOrder,
  request: PageRequest,
): Promise<Page<Credential>> {
  return fetchPage(
    filtered(db, filter).selectAll(),
    { name: order.field, column: orderColumns[order.field], direction: order.direction },
    request,
    toCredential,
  );
}

export async function countCredentials(db: Db, filter: CredentialFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The next `limit` by id, for a caller that reads them all. */
export async function nextCredentials(db: Db, afterId: string, limit: number): Promise<Credential[]> {
  const rows = await db
    .selectFrom("credential")
    .selectAll()
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toCredential);
}

export async function hasEncryptedSecrets(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom("credential")
    .select("id")
    .where("encrypted_secret", "is not", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertCredential(db: Db, credential: Credential): Promise<void> {
  await db.insertInto("credential").values(toRow(credential)).execute();
}

export async function updateCredential(db: Db, credential: Credential): Promise<void> {
  const { id, ...rest } = toRow(credential);
  await db.updateTable("credential").set(rest).where("id", "=", id).execute();
}

export async function deleteCredential(db: Db, id: string): Promise<void> {
  await db.deleteFrom("credential").where("id", "=", id).execute();
}

function filtered(db: Db, filter: CredentialFilter) {
  let query = db.selectFrom("credential");
  if (filter.subscriptionId) query = query.where("subscription_id", "=", filter.subscriptionId);
  if (filter.kind) query = query.where("kind", "=", filter.kind);
  const { search } = filter;
  if (isSearch(search)) query = query.where((eb) => containsWords(eb, "name_key", search));
  return query;
}

function toCredential(row: Selectable<CredentialTable>): Credential {
  return {
    id: row.id as CredentialId,
    subscriptionId: row.subscription_id as SubscriptionId,
    name: row.name,
    scheme: { kind: row.kind, ...(JSON.parse(row.settings) as object) } as CredentialScheme,
    secret:
      row.encrypted_secret === null
        ? { kind: "reference", reference: row.secret_reference ?? "" }
        : { kind: "encrypted", ciphertext: row.encrypted_secret },
    secretSetAtMs: row.secret_set_at_ms,
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function toRow(credential: Credential): CredentialTable {
  const { kind, ...settings } = credential.scheme;
  const { secret } = credential;
  return {
    id: credential.id,
    subscription_id: credential.subscriptionId,
    name: credential.name,
    name_key: fold(credential.name),
    kind,
    settings: JSON.stringify(settings),
    encrypted_secret: secret.kind === "encrypted" ? Buffer.from(secret.ciphertext) : null,
    secret_reference: secret.kind === "reference" ? secret.reference : null,
    secret_set_at_ms: credential.secretSetAtMs,
    version: credential.version,
    created_at_ms: credential.createdAtMs,
    updated_at_ms: credential.updatedAtMs,
  };
}
