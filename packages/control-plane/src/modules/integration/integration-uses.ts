/** The routes that use an integration, and the changes of it that they forbid. */
import { isDeepStrictEqual } from "node:util";
import { parseRoutePattern } from "@latchkey/core";
import type { Db } from "../../db/schema.js";
import { type Outcome, userError } from "../../errors/user-error.js";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { RouteMethod } from "../api/api.js";
import type { Integration } from "./integration.js";
import { missingPlaceholder } from "./upstream-url.js";

/** Routes named in a user error; the rest is counted. */
const ROUTES_NAMED_MAX = 10;

/** A route that names an integration, for the sentence that refuses to delete it. */
export interface RouteUse {
  readonly apiId: string;
  readonly apiTitle: string;
  readonly method: RouteMethod;
  readonly pattern: string;
}

/** Who uses an integration; the api module knows. */
export interface IntegrationUses {
  /** @param limit null: all */
  routesOf(db: Db, integrationId: string, limit: number | null): Promise<readonly RouteUse[]>;
  countRoutesOf(db: Db, integrationId: string): Promise<number>;
  /** OpenAPI documents that describe the integration say something else from now on. */
  documentsChanged(scope: UnitOfWork, integrationId: string): Promise<void>;
}

/** For `verb` ("deleted"). @returns null: no route uses it */
export async function refuseInUse(
  uses: IntegrationUses,
  db: Db,
  id: string,
  { field, verb }: { readonly field: readonly string[]; readonly verb: string },
): Promise<Outcome<never> | null> {
  const count = await uses.countRoutesOf(db, id);
  if (count === 0) return null;
  const named = await uses.routesOf(db, id, ROUTES_NAMED_MAX);
  const which = `${count === 1 ? "a route uses" : "routes use"} it: ${listOf(named, count)}`;
  return userError("IN_USE", field, `The integration cannot be ${verb}: ${which}.`);
}

/** New URLs that take parameters which routes to the integration do not have. @returns null: they fit */
export async function refuseUnfit(
  uses: IntegrationUses,
  db: Db,
  before: Integration,
  urls: readonly string[],
): Promise<Outcome<never> | null> {
  if (isDeepStrictEqual(urls, before.urls)) return null;
  const routes = await uses.routesOf(db, before.id, null);
  const unfit = routes.flatMap((use) => {
    const parsed = parseRoutePattern(use.pattern);
    const missing = missingPlaceholder(urls, parsed.ok ? parsed.value.parameterNames : []);
    return missing === undefined ? [] : [{ use, missing }];
  });
  const [first] = unfit;
  if (first === undefined) return null;
  const named = unfit.slice(0, ROUTES_NAMED_MAX).map(({ use }) => use);
  return userError(
    "INVALID",
    ["input", "urls"],
    `The URLs take {${first.missing}}, and the paths of these routes have no parameter of this name: ${listOf(named, unfit.length)}.`,
  );
}

/** @param count of all of them, those that are not named among them */
function listOf(named: readonly RouteUse[], count: number): string {
  const list = named.map((use) => `${use.method} ${use.pattern} of "${use.apiTitle}"`).join(", ");
  return count > named.length ? `${list} and ${count - named.length} more` : list;
}
