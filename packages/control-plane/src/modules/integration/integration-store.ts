/** Integrations in the database. Gives domain values, never rows; checks nothing. */
import {
  type CredentialId,
  type IntegrationId,
  noHeaderRules,
  Pauses,
  type SubscriptionId,
} from "@latchkey/core";
import { METHOD_AS_RECEIVED } from "@latchkey/snapshot";
import { type Selectable, sql } from "kysely";
import { type Direction, fetchPage, type Page, type PageRequest } from "../../db/page.js";
import type { Db, IntegrationTable } from "../../db/schema.js";
import { containsWords, fold, isSearch } from "../../db/text.js";
import { noRequestLimits } from "../../forms/limit-form.js";
import type {
  InboundKind,
  Integration,
  IntegrationContract,
  IntegrationPolicy,
  IntegrationTarget,
  UpstreamMethod,
} from "./integration.js";

export interface IntegrationFilter {
  readonly subscriptionId?: string | null | undefined;
  readonly inboundKind?: InboundKind | null | undefined;
  /** True: only those that routes can name; false: only the others. */
  readonly routable?: boolean | null | undefined;
  readonly search?: string | null | undefined;
  readonly credentialId?: string | null | undefined;
}

export type IntegrationOrderField = "name" | "createdAt" | "updatedAt";

export interface IntegrationOrder {
  readonly field: IntegrationOrderField;
  readonly direction: Direction;
}

const orderColumns = { name: "name_key", createdAt: "created_at_ms", updatedAt: "updated_at_ms" } as const;

type IntegrationRow = Selectable<IntegrationTable> & { readonly credential_ids: string | null };

/** Ids of its credentials in their order, with commas between them; null: it has none. */
const credentialIds = sql<string | null>`(
  select string_agg(credential_id, ',' order by position) from integration_credential
  where integration_id = integration.id
)`.as("credential_ids");

export async function findIntegration(db: Db, id: string): Promise<Integration | null> {
  const row = await whole(db).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toIntegration(row);
}

/** An import may ask for thousands, which would hold the event loop in one query. */
const IDS_A_QUERY = 500;

export async function findIntegrations(db: Db, ids: readonly string[]): Promise<Integration[]> {
  const pauses = new Pauses();
  const found: Integration[] = [];
  for (let i = 0; i < ids.length; i += IDS_A_QUERY) {
    await pauses.pause();
    const rows = await whole(db)
      .where("id", "in", ids.slice(i, i + IDS_A_QUERY))
      .execute();
    found.push(...rows.map(toIntegration));
  }
  return found;
}

/** Urls of one query: their number stays far below the limit of bound values. */
const URLS_A_QUERY = 500;

/** Ids of the subscription's routable ones with just one of these URLs and the client's method; the oldest of each URL. */
export async function findIntegrationsByUrl(
  db: Db,
  subscriptionId: string,
  urls: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const pauses = new Pauses();
  for (let i = 0; i < urls.length; i += URLS_A_QUERY) {
    await pauses.pause();
    const rows = await db
      .selectFrom("integration")
      .select(["id", "urls"])
      .where("subscription_id", "=", subscriptionId)
      .where("inbound_kind", "=", "api")
      .where("method", "=", METHOD_AS_RECEIVED)
      .where(
        "urls",
        "in",
        urls.slice(i, i + URLS_A_QUERY).map((url) => JSON.stringify([url])),
      )
      .orderBy("created_at_ms", "desc")
      .orderBy("id", "desc")
      .execute();
    for (const row of rows) found.set((JSON.parse(row.urls) as [string])[0], row.id);
  }
  return found;
}

export async function findTargets(db: Db, ids: readonly string[]): Promise<Map<string, IntegrationTarget>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("integration")
    .select(["id", "subscription_id", "inbound_kind", "name", "urls"])
    .where("id", "in", ids)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        subscriptionId: row.subscription_id,
        inboundKind: row.inbound_kind as InboundKind,
        name: row.name,
        urls: JSON.parse(row.urls) as string[],
      },
    ]),
  );
}

export function pageIntegrations(
  db: Db,
  filter: IntegrationFilter,
  order: IntegrationOrder,
  request: PageRequest,
): Promise<Page<Integration>> {
  return fetchPage(
    filtered(db, filter).selectAll().select(credentialIds),
    { name: order.field, column: orderColumns[order.field], direction: order.direction },
    request,
    toIntegration,
  );
}

export async function countIntegrations(db: Db, filter: IntegrationFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Names of the first that use a credential. */
export async function namesUsingCredential(
  db: Db,
  credentialId: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("integration")
    .innerJoin("integration_credential", "integration_credential.integration_id", "integration.id")
    .select("name")
    .where("credential_id", "=", credentialId)
    .orderBy("name_key")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** The other credentials of those that use a credential, each with the name of one. */
export async function credentialsBeside(
  db: Db,
  credentialId: string,
): Promise<readonly { readonly credentialId: string; readonly integrationName: string }[]> {
  return db
    .selectFrom("integration_credential as other")
    .innerJoin("integration_credential as own", "own.integration_id", "other.integration_id")
    .innerJoin("integration", "integration.id", "other.integration_id")
    .where("own.credential_id", "=", credentialId)
    .where("other.credential_id", "!=", credentialId)
    .groupBy("other.credential_id")
    .select((eb) => ["other.credential_id as credentialId", eb.fn.min("name").as("integrationName")])
    .execute();
}

/** The next `limit` routable ones by id, for a caller that reads them all. */
export async function nextRoutableIntegrations(
  db: Db,
  afterId: string,
  limit: number,
): Promise<Integration[]> {
  const rows = await whole(db)
    .where("id", ">", afterId)
    .where("inbound_kind", "=", "api")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toIntegration);
}

/** Rows of one INSERT: fourteen columns each stay far below the limit of bound values. */
const ROWS_AN_INSERT = 100;

export async function insertIntegrations(db: Db, integrations: readonly Integration[]): Promise<void> {
  const pauses = new Pauses();
  for (let i = 0; i < integrations.length; i += ROWS_AN_INSERT) {
    await pauses.pause();
    const page = integrations.slice(i, i + ROWS_AN_INSERT);
    await db.insertInto("integration").values(page.map(toRow)).execute();
    for (const integration of page) await insertCredentialUses(db, integration);
  }
}

export async function updateIntegration(db: Db, integration: Integration): Promise<void> {
  const { id, ...rest } = toRow(integration);
  await db.updateTable("integration").set(rest).where("id", "=", id).execute();
  await db.deleteFrom("integration_credential").where("integration_id", "=", id).execute();
  await insertCredentialUses(db, integration);
}

async function insertCredentialUses(db: Db, { id, credentialIds: used }: Integration): Promise<void> {
  if (used.length === 0) return;
  await db
    .insertInto("integration_credential")
    .values(
      used.map((credentialId, position) => ({
        integration_id: id,
        credential_id: credentialId,
        position,
      })),
    )
    .execute();
}

export async function deleteIntegration(db: Db, id: string): Promise<void> {
  await db.deleteFrom("integration").where("id", "=", id).execute();
}

function whole(db: Db) {
  return db.selectFrom("integration").selectAll().select(credentialIds);
}

function filtered(db: Db, filter: IntegrationFilter) {
  let query = db.selectFrom("integration");
  if (filter.subscriptionId) query = query.where("subscription_id", "=", filter.subscriptionId);
  if (filter.inboundKind) query = query.where("inbound_kind", "=", filter.inboundKind);
  if (filter.routable === true) query = query.where("inbound_kind", "=", "api");
  if (filter.routable === false) query = query.where("inbound_kind", "!=", "api");
  const { credentialId } = filter;
  if (credentialId)
    query = query.where("id", "in", (eb) =>
      eb
        .selectFrom("integration_credential")
        .select("integration_id")
        .where("credential_id", "=", credentialId),
    );
  const { search } = filter;
  if (isSearch(search)) query = query.where((eb) => containsWords(eb, "search_text", search));
  return query;
}

function toIntegration(row: IntegrationRow): Integration {
  return {
    id: row.id as IntegrationId,
    subscriptionId: row.subscription_id as SubscriptionId,
    name: row.name,
    description: row.description,
    inboundKind: row.inbound_kind as InboundKind,
    urls: JSON.parse(row.urls) as string[],
    method: row.method as UpstreamMethod,
    policy: policyOf(row.policy),
    contract: JSON.parse(row.contract) as IntegrationContract,
    credentialIds: (row.credential_ids?.split(",") ?? []) as CredentialId[],
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

const laterFields = {
  forwardAuthorization: false,
  webSockets: false,
  headerRules: noHeaderRules,
  spelledHeaders: [],
  ...noRequestLimits,
} satisfies Partial<IntegrationPolicy>;

/** Rows of earlier releases lack what came later. */
function policyOf(text: string): IntegrationPolicy {
  const stored = JSON.parse(text) as Omit<IntegrationPolicy, keyof typeof laterFields> &
    Partial<IntegrationPolicy>;
  return { ...laterFields, ...stored };
}

function toRow(integration: Integration): IntegrationTable {
  return {
    id: integration.id,
    subscription_id: integration.subscriptionId,
    name: integration.name,
    name_key: fold(integration.name),
    description: integration.description,
    search_text: fold([integration.name, integration.description, ...integration.urls].join("\n")),
    inbound_kind: integration.inboundKind,
    urls: JSON.stringify(integration.urls),
    method: integration.method,
    policy: JSON.stringify(integration.policy),
    contract: JSON.stringify(integration.contract),
    version: integration.version,
    created_at_ms: integration.createdAtMs,
    updated_at_ms: integration.updatedAtMs,
  };
}
