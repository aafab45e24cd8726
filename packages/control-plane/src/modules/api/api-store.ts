/** APIs in the database. Gives domain values, never rows; checks nothing. */
import { isDeepStrictEqual } from "node:util";
import { type ApiId, type CorsPolicy, noIpRules, type SubscriptionId } from "@latchkey/core";
import type { Selectable } from "kysely";
import { fromOwnershipColumns, hasLabel, toOwnershipColumns } from "../../db/ownership.js";
import { type Direction, fetchPage, type Page, type PageRequest, unindexed } from "../../db/page.js";
import { type ApiTable, bit, type Db } from "../../db/schema.js";
import { containsWords, fold, isSearch, searchablePath } from "../../db/text.js";
import { noRequestLimits } from "../../forms/limit-form.js";
import { labelOf } from "../../forms/ownership-form.js";
import type { Api, ApiComponents, Route } from "./api.js";

export interface ApiFilter {
  readonly subscriptionId?: string | null | undefined;
  /** With at least one route to this integration. */
  readonly integrationId?: string | null | undefined;
  /** Words that title, summary and paths contain. */
  readonly search?: string | null | undefined;
  readonly label?: string | null | undefined;
}

export type ApiOrderField = "title" | "createdAt" | "updatedAt";

export interface ApiOrder {
  readonly field: ApiOrderField;
  readonly direction: Direction;
}

const orderColumns = { title: "title_key", createdAt: "created_at_ms", updatedAt: "updated_at_ms" } as const;

export async function findApi(db: Db, id: string): Promise<Api | null> {
  const row = await db.selectFrom("api").select(apiColumns).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toApi(row);
}

export async function findApis(db: Db, ids: readonly string[]): Promise<Api[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("api").select(apiColumns).where("id", "in", ids).execute();
  return rows.map(toApi);
}

export function pageApis(
  db: Db,
  filter: ApiFilter,
  order: ApiOrder,
  request: PageRequest,
): Promise<Page<Api>> {
  return fetchPage(
    filtered(db, filter).select(apiColumns),
    {
      name: order.field,
      column: orderColumns[order.field],
      direction: order.direction,
      isSearch: isSearch(filter.search),
    },
    request,
    toApi,
  );
}

export async function countApis(db: Db, filter: ApiFilter): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The next `limit` by id, for a caller that reads them all. */
export async function nextApis(db: Db, afterId: string, limit: number): Promise<Api[]> {
  const rows = await db
    .selectFrom("api")
    .select(apiColumns)
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toApi);
}

/** By the API's id. */
export async function findComponents(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ApiComponents>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("api")
    .select(["id", "schemas", "tags", "info"])
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, ...components }) => [id, components]));
}

export async function insertApi(
  db: Db,
  api: Api,
  routes: readonly Route[],
  components: ApiComponents,
): Promise<void> {
  await db
    .insertInto("api")
    .values({ ...toRow(api, routes), ...components })
    .execute();
}

/** `components`: null leaves them as they are. */
export async function updateApi(
  db: Db,
  api: Api,
  routes: readonly Route[],
  components: ApiComponents | null,
): Promise<void> {
  const { id, ...rest } = toRow(api, routes);
  await db
    .updateTable("api")
    .set({ ...rest, ...components })
    .where("id", "=", id)
    .execute();
}

/** Routes and keys go with it. */
export async function deleteApi(db: Db, id: ApiId): Promise<void> {
  await db.deleteFrom("api").where("id", "=", id).execute();
}

function filtered(db: Db, filter: ApiFilter) {
  let query = db.selectFrom("api");
  const { subscriptionId, integrationId, search } = filter;
  if (subscriptionId)
    query = query.where(
      isSearch(search) ? unindexed("subscription_id") : "subscription_id",
      "=",
      subscriptionId,
    );
  if (integrationId)
    // EXISTS keeps the order's index: a page of an integration that all APIs use needs no sorting.
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom("route")
          .select("route.id")
          .where("route.integration_id", "=", integrationId)
          .whereRef("route.api_id", "=", "api.id"),
      ),
    );
  const { label } = filter;
  if (label) query = query.where((eb) => hasLabel(eb, labelOf(label)));
  if (isSearch(search)) query = query.where((eb) => containsWords(eb, "search_text", search));
  return query;
}

/** All but `schemas`, `tags` and `info`, which lists do without. */
const apiColumns = [
  "id",
  "subscription_id",
  "title",
  "title_key",
  "summary",
  "version_label",
  "recoverable",
  "bearer_required",
  "openapi_served",
  "cors",
  "policies",
  "owner",
  "labels",
  "metadata",
  "version",
  "created_at_ms",
  "updated_at_ms",
] as const;

type ApiRow = Pick<Selectable<ApiTable>, (typeof apiColumns)[number]>;

function toApi(row: ApiRow): Api {
  return {
    id: row.id as ApiId,
    subscriptionId: row.subscription_id as SubscriptionId,
    title: row.title,
    summary: row.summary,
    versionLabel: row.version_label,
    recoverable: row.recoverable === 1,
    bearerRequired: row.bearer_required === 1,
    openapiServed: row.openapi_served === 1,
    cors: row.cors === null ? null : (JSON.parse(row.cors) as CorsPolicy),
    ...policiesOf(row.policies),
    ...fromOwnershipColumns(row),
    version: row.version,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

type ApiPolicies = Pick<Api, "ipRules" | "rateLimit" | "quota" | "recording">;

const noPolicies: ApiPolicies = { ipRules: noIpRules, ...noRequestLimits, recording: null };

/** Rows of earlier releases lack what came later. */
function policiesOf(text: string | null): ApiPolicies {
  return text === null ? noPolicies : { ...noPolicies, ...(JSON.parse(text) as Partial<ApiPolicies>) };
}

/** Null where an API has none. */
function policiesText({ ipRules, rateLimit, quota, recording }: ApiPolicies): string | null {
  const policies: ApiPolicies = { ipRules, rateLimit, quota, recording };
  return isDeepStrictEqual(policies, noPolicies) ? null : JSON.stringify(policies);
}

function toRow(api: Api, routes: readonly Route[]): Omit<ApiTable, keyof ApiComponents> {
  return {
    id: api.id,
    subscription_id: api.subscriptionId,
    title: api.title,
    title_key: fold(api.title),
    summary: api.summary,
    search_text: fold(
      [api.title, api.summary, ...routes.map((route) => searchablePath(route.pattern))].join("\n"),
    ),
    version_label: api.versionLabel,
    recoverable: bit(api.recoverable),
    bearer_required: bit(api.bearerRequired),
    openapi_served: bit(api.openapiServed),
    cors: api.cors === null ? null : JSON.stringify(api.cors),
    policies: policiesText(api),
    ...toOwnershipColumns(api),
    version: api.version,
    created_at_ms: api.createdAtMs,
    updated_at_ms: api.updatedAtMs,
  };
}
