/** Routes in the database. Gives domain values, never rows; checks nothing. */
import { isDeepStrictEqual } from "node:util";
import { type ApiId, type IntegrationId, noHeaderRules, Pauses, type RouteId } from "@latchkey/core";
import { type Selectable, sql } from "kysely";
import { bit, type Db, type RouteTable } from "../../db/schema.js";
import { containsWords } from "../../db/text.js";
import { noRequestLimits } from "../../forms/limit-form.js";
import type { RouteUse } from "../integration/integration-uses.js";
import type { Route, RouteHead, RouteMethod } from "./api.js";
import type { ContentDifference } from "./content-difference.js";

/** Rows of one INSERT: twelve columns each stay far below the limit of bound values. */
const ROWS_AN_INSERT = 100;

/** Far below the limit of bound values. */
const IDS_A_DELETE = 500;

/** Operations of one SELECT: some milliseconds of work. */
const OPERATIONS_AT_ONCE = 200;

/** Routes of the named APIs, in the order of their forms. Read in short turns: operations take megabytes. */
export async function findRoutesOf(db: Db, apiIds: readonly string[]): Promise<Route[]> {
  const routes: Route[] = [];
  const pauses = new Pauses();
  const heads = await findRouteHeadsOf(db, apiIds);
  for (let i = 0; i < heads.length; i += OPERATIONS_AT_ONCE) {
    const page = heads.slice(i, i + OPERATIONS_AT_ONCE);
    const ids = page.map((head) => head.id);
    const operations = await findOperations(db, ids);
    for (const head of page) routes.push({ ...head, operation: operations.get(head.id) ?? null });
    await pauses.pause();
  }
  return routes;
}

/** As `findRoutesOf`, without reading the operations. */
export async function findRouteHeadsOf(db: Db, apiIds: readonly string[]): Promise<RouteHead[]> {
  if (apiIds.length === 0) return [];
  const rows = await db
    .selectFrom("route")
    .select(headColumns)
    .where("api_id", "in", apiIds)
    .orderBy("api_id")
    .orderBy("position")
    .execute();
  return rows.map(toRouteHead);
}

/** The first `count` routes of each API. */
export async function findFirstRouteHeadsOf(
  db: Db,
  apiIds: readonly string[],
  count: number,
): Promise<RouteHead[]> {
  if (apiIds.length === 0) return [];
  const rows = await db
    .selectFrom("route")
    .select(headColumns)
    .where("api_id", "in", apiIds)
    .where("position", "<", count)
    .orderBy("api_id")
    .orderBy("position")
    .execute();
  return rows.map(toRouteHead);
}

/** Routes whose method and path contain every word, by path. */
export async function searchRouteHeads(db: Db, search: string, limit: number): Promise<RouteHead[]> {
  const text = sql<string>`lower(method || ' ' || pattern)`;
  const rows = await db
    .selectFrom("route")
    .select(headColumns)
    .where((eb) => containsWords(eb, text, search))
    .orderBy("pattern")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toRouteHead);
}

export async function findRouteHeads(db: Db, ids: readonly string[]): Promise<RouteHead[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("route").select(headColumns).where("id", "in", ids).execute();
  return rows.map(toRouteHead);
}

export async function findRouteHead(db: Db, id: string): Promise<RouteHead | null> {
  const row = await db.selectFrom("route").select(headColumns).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toRouteHead(row);
}

/** JSON texts by route id. */
export async function findOperations(
  db: Db,
  routeIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (routeIds.length === 0) return new Map();
  const rows = await db.selectFrom("route").select(["id", "operation"]).where("id", "in", routeIds).execute();
  return new Map(rows.map(({ id, operation }) => [id, operation]));
}

export async function countRoutesOf(db: Db, apiIds: readonly string[]): Promise<Map<string, number>> {
  if (apiIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("route")
    .select((eb) => ["api_id", eb.fn.countAll<number>().as("count")])
    .where("api_id", "in", apiIds)
    .groupBy("api_id")
    .execute();
  return new Map(rows.map((row) => [row.api_id, Number(row.count)]));
}

/** Rows that stay as they are are not written: operations take megabytes. */
export async function writeRoutes(
  db: Db,
  { gone, written }: Pick<ContentDifference, "gone" | "written">,
): Promise<void> {
  const pauses = new Pauses();
  // What goes first frees method and path for what comes.
  for (let i = 0; i < gone.length; i += IDS_A_DELETE) {
    await pauses.pause();
    await db
      .deleteFrom("route")
      .where("id", "in", gone.slice(i, i + IDS_A_DELETE))
      .execute();
  }
  for (let i = 0; i < written.length; i += ROWS_AN_INSERT) {
    await pauses.pause();
    await db
      .insertInto("route")
      .values(written.slice(i, i + ROWS_AN_INSERT).map(toRow))
      .execute();
  }
}

export async function findRouteUses(
  db: Db,
  integrationId: string,
  limit: number | null,
): Promise<RouteUse[]> {
  const query = db
    .selectFrom("route")
    .innerJoin("api", "api.id", "route.api_id")
    .select([
      "api.id as apiId",
      "api.title as apiTitle",
      "route.method as method",
      "route.pattern as pattern",
    ])
    .where("route.integration_id", "=", integrationId)
    .orderBy("api.title_key")
    .orderBy("api.id")
    .orderBy("route.position");
  const rows = await (limit === null ? query : query.limit(limit)).execute();
  return rows.map((row) => ({ ...row, method: row.method as RouteMethod }));
}

export async function countRouteUses(db: Db, integrationId: string): Promise<number> {
  const row = await db
    .selectFrom("route")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("integration_id", "=", integrationId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** APIs that serve their document and route to the integration. */
export async function findDocumentedApis(db: Db, integrationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("route")
    .innerJoin("api", "api.id", "route.api_id")
    .select("api.id as id")
    .distinct()
    .where("route.integration_id", "=", integrationId)
    .where("api.openapi_served", "=", 1)
    .execute();
  return rows.map((row) => row.id);
}

const headColumns = [
  "id",
  "api_id",
  "position",
  "method",
  "pattern",
  "normalized_key",
  "integration_id",
  "operation_id",
  "validate",
  "response_validation",
  "policies",
] as const;

function toRouteHead(row: Omit<Selectable<RouteTable>, "operation">): RouteHead {
  return {
    id: row.id as RouteId,
    apiId: row.api_id as ApiId,
    position: row.position,
    method: row.method as RouteMethod,
    pattern: row.pattern,
    normalizedKey: row.normalized_key,
    integrationId: row.integration_id as IntegrationId,
    operationId: row.operation_id,
    validate: row.validate === 1,
    responseValidation: row.response_validation,
    ...policiesOf(row.policies),
  };
}

type RoutePolicies = Pick<RouteHead, "headerRules" | "requestBodyBytesMax" | "rateLimit" | "quota">;

const noPolicies: RoutePolicies = { headerRules: noHeaderRules, requestBodyBytesMax: 0, ...noRequestLimits };

/** Rows of earlier releases lack what came later. */
function policiesOf(text: string | null): RoutePolicies {
  return text === null ? noPolicies : { ...noPolicies, ...(JSON.parse(text) as Partial<RoutePolicies>) };
}

/** Null where a route has none. */
function policiesText({ headerRules, requestBodyBytesMax, rateLimit, quota }: RoutePolicies): string | null {
  const policies: RoutePolicies = { headerRules, requestBodyBytesMax, rateLimit, quota };
  return isDeepStrictEqual(policies, noPolicies) ? null : JSON.stringify(policies);
}

function toRow(route: Route): RouteTable {
  return {
    id: route.id,
    api_id: route.apiId,
    position: route.position,
    method: route.method,
    pattern: route.pattern,
    normalized_key: route.normalizedKey,
    integration_id: route.integrationId,
    operation_id: route.operationId,
    validate: bit(route.validate),
    operation: route.operation,
    response_validation: route.responseValidation,
    policies: policiesText(route),
  };
}
