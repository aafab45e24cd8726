/** Use cases of APIs with their routes. The whole form is taken at once; what nodes must know of it makes a revision. */
import { isDeepStrictEqual } from "node:util";
import { newId, noIpRules, ok, type SubscriptionId } from "@latchkey/core";
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
import { notFound, type Outcome, Problems } from "../../errors/user-error.js";
import { checkNulls } from "../../forms/form.js";
import { noRequestLimits } from "../../forms/limit-form.js";
import { noOwnership } from "../../forms/ownership-form.js";
import { withIdempotencyKey } from "../../unit-of-work/idempotency.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import { checkVersion } from "../../unit-of-work/version-check.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { RouteUse } from "../integration/integration-uses.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import type { SubscriptionService } from "../subscription/subscription-service.js";
import {
  type Api,
  type ApiComponents,
  type ApiWithRoutes,
  apiLimits,
  noComponents,
  type Route,
  type RouteHead,
} from "./api.js";
import { audit, recordChange } from "./api-change.js";
import {
  type CreateApi,
  type CreatedApi,
  type DeleteApi,
  type DuplicateApi,
  type FormOrigin,
  type UpdateApi,
} from "./api-form.js";
import {
  type ApiFilter,
  type ApiOrder,
  countApis,
  deleteApi,
  findApi,
  findApis,
  findComponents,
  insertApi,
  nextApis,
  pageApis,
  updateApi,
} from "./api-store.js";
import { applyApiForm } from "./apply-api-form.js";
import { differenceOf, isSame } from "./content-difference.js";
import { routeCopyOf } from "./route-form.js";
import {
  countRoutesOf,
  countRouteUses,
  findDocumentedApis,
  findFirstRouteHeadsOf,
  findOperations,
  findRouteHead,
  findRouteHeads,
  findRouteHeadsOf,
  findRoutesOf,
  findRouteUses,
  writeRoutes,
} from "./route-store.js";

/** What an API cannot be without. */
const alwaysSet = [
  "title",
  "routes",
  "subscriptionId",
  "versionLabel",
  "recoverable",
  "bearerRequired",
  "openapiServed",
] as const satisfies readonly (keyof UpdateApi)[];

const fromUser: FormOrigin = { schemasChecked: false };

/** Routes that a list shows of each API. */
const ROUTE_PREVIEW = 2;

export interface ApiServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly subscriptions: SubscriptionService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
  readonly served: {
    changed(scope: UnitOfWork, apiIds: readonly string[]): Promise<void>;
    stop(scope: UnitOfWork, apiId: string): Promise<void>;
  };
  /** Whether an encryption key is configured (`encryptionKey`). */
  readonly canRecover: boolean;
}

export class ApiService {
  readonly #deps: ApiServiceDeps;

  constructor(deps: ApiServiceDeps) {
    this.#deps = deps;
  }

  find(id: string, db: Db = this.#deps.db): Promise<Api | null> {
    return findApi(db, id);
  }

  findMany(ids: readonly string[], db: Db = this.#deps.db): Promise<readonly Api[]> {
    return findApis(db, ids);
  }

  findRoute(id: string): Promise<RouteHead | null> {
    return findRouteHead(this.#deps.db, id);
  }

  findRoutes(ids: readonly string[]): Promise<readonly RouteHead[]> {
    return findRouteHeads(this.#deps.db, ids);
  }

  /** As `routesOf`, without reading the operations. */
  routeHeadsOf(apiIds: readonly string[], db: Db = this.#deps.db): Promise<readonly RouteHead[]> {
    return findRouteHeadsOf(db, apiIds);
  }

  /** The first two routes of each API: enough for a list. */
  routePreviewsOf(apiIds: readonly string[]): Promise<readonly RouteHead[]> {
    return findFirstRouteHeadsOf(this.#deps.db, apiIds, ROUTE_PREVIEW);
  }

  /** JSON texts by route id. */
  operationsOf(routeIds: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    return findOperations(this.#deps.db, routeIds);
  }

  /** By API id. */
  componentsOf(
    apiIds: readonly string[],
    db: Db = this.#deps.db,
  ): Promise<ReadonlyMap<string, ApiComponents>> {
    return findComponents(db, apiIds);
  }

  routesOf(apiIds: readonly string[], db: Db = this.#deps.db): Promise<readonly Route[]> {
    return findRoutesOf(db, apiIds);
  }

  countRoutesOf(apiIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return countRoutesOf(this.#deps.db, apiIds);
  }

  next(db: Db, afterId: string, limit: number): Promise<readonly Api[]> {
    return nextApis(db, afterId, limit);
  }

  page(filter: ApiFilter, order: ApiOrder, request: PageRequest): Promise<Page<Api>> {
    return pageApis(this.#deps.db, filter, order, request);
  }

  count(filter: ApiFilter, db: Db = this.#deps.db): Promise<number> {
    return countApis(db, filter);
  }

  create(context: WorkContext, input: CreateApi): Promise<Outcome<Committed<CreatedApi>>> {
    return this.#deps.units.run(context, (scope) => this.createIn(scope, input));
  }

  /** As `create`, as a part of what else is written in the scope. */
  createIn(scope: UnitOfWork, input: CreateApi, origin: FormOrigin = fromUser): Promise<Outcome<CreatedApi>> {
    return this.#createOnce(
      scope,
      "api.create",
      input,
      () => this.#createNew(scope, input, origin),
      origin.part,
    );
  }

  /** A new API with the routes and options of another one, and a key of its own. */
  duplicate(context: WorkContext, input: DuplicateApi): Promise<Outcome<Committed<CreatedApi>>> {
    return this.#deps.units.run(context, (scope) =>
      this.#createOnce(scope, "api.duplicate", input, async () => {
        const api = await findApi(scope.trx, input.id);
        if (api === null) return notFound(["input", "id"], "API");
        const { routes, components } = await this.#contentOf(scope, api);
        const { schemas, tags, info } = components;
        const copy = {
          ...api,
          recording: null,
          title: input.title ?? copyTitle(api.title),
          key: input.key,
          routes: routes.map(routeCopyOf),
          schemas: schemas === null ? null : (JSON.parse(schemas) as object),
          tags: tags === null ? null : (JSON.parse(tags) as object[]),
          info: info === null ? null : (JSON.parse(info) as object),
        };
        return this.#createNew(scope, copy, { schemasChecked: true });
      }),
    );
  }

  #createOnce(
    scope: UnitOfWork,
    action: string,
    input: unknown,
    create: () => Promise<Outcome<CreatedApi>>,
    part?: string,
  ): Promise<Outcome<CreatedApi>> {
    return withIdempotencyKey<CreatedApi>(scope, {
      action,
      part,
      input,
      create,
      idOf: ({ api }) => api.id,
      find: async (id) => {
        const api = await findApi(scope.trx, id);
        const first = api === null ? null : await this.#deps.keys.discloseFirstOf(scope, api);
        if (api === null || first === null) return null;
        return { ...(await this.#contentOf(scope, api)), ...first };
      },
    });
  }

  async #createNew(scope: UnitOfWork, input: CreateApi, origin: FormOrigin): Promise<Outcome<CreatedApi>> {
    const problems = new Problems();
    const blank: Api = {
      id: origin.prepared?.apiId ?? newId("api"),
      subscriptionId: input.subscriptionId as SubscriptionId,
      title: "",
      summary: "",
      versionLabel: "v1",
      recoverable: false,
      bearerRequired: false,
      openapiServed: false,
      cors: null,
      ipRules: noIpRules,
      ...noRequestLimits,
      recording: null,
      ...noOwnership,
      version: 1,
      createdAtMs: scope.nowMs,
      updatedAtMs: scope.nowMs,
    };
    const before: ApiWithRoutes = { api: blank, routes: [], components: noComponents };
    const { api, routes, components } = await applyApiForm(this.#deps, scope, problems, {
      before,
      form: input,
      origin,
    });
    if (problems.any) return problems.failure();
    await insertApi(scope.trx, api, routes, components);
    await writeRoutes(scope.trx, { gone: [], written: routes });
    scope.upsert("api", api.id);
    if (api.openapiServed) await this.#deps.served.changed(scope, [api.id]);
    audit(scope, "create", null, { api, routes, components });
    const made = await this.#deps.keys.insertNew(scope, api, input.key ?? {});
    if (!made.ok) {
      // The key's form stands one level deeper here.
      problems.addAll(made.error.map((e) => ({ ...e, field: ["input", "key", ...e.field.slice(1)] })));
      return problems.failure();
    }
    return ok({ api, routes, components, ...made.value });
  }

  async update(context: WorkContext, input: UpdateApi): Promise<Outcome<Committed<ApiWithRoutes>>> {
    const failure = checkNulls(input, alwaysSet);
    if (failure !== null) return failure;
    return this.#deps.units.run(context, (scope) => this.updateIn(scope, input));
  }

  /** As `update`, as a part of what else is written in the scope. */
  async updateIn(
    scope: UnitOfWork,
    input: UpdateApi,
    origin: FormOrigin = fromUser,
  ): Promise<Outcome<ApiWithRoutes>> {
    const api = await findApi(scope.trx, input.id);
    if (api === null) return notFound(["input", "id"], "API");
    const stale = checkVersion(api, input.expectedVersion) ?? checkVersion(api, origin.prepared?.version);
    if (stale !== null) return stale;
    const read = origin.prepared?.before;
    const before = read ? { ...read, api } : await this.#contentOf(scope, api);
    const problems = new Problems();
    const changed = await applyApiForm(this.#deps, scope, problems, { before, form: input, origin });
    if (problems.any) return problems.failure();
    const difference = origin.prepared?.differenceTo(changed.routes) ?? (await differenceOf(before, changed));
    if (isSame(difference) && isDeepStrictEqual(changed.api, before.api)) return ok(before);
    const after: ApiWithRoutes = {
      ...changed,
      api: { ...changed.api, version: api.version + 1, updatedAtMs: scope.nowMs },
    };
    await updateApi(
      scope.trx,
      after.api,
      after.routes,
      difference.componentsChanged ? after.components : null,
    );
    await writeRoutes(scope.trx, difference);
    if (api.recoverable && !after.api.recoverable) await this.#deps.keys.deleteSecrets(scope, after.api);
    await recordChange(scope, before.api, after.api, difference);
    if (after.api.openapiServed) await this.#deps.served.changed(scope, [api.id]);
    else if (api.openapiServed) await this.#deps.served.stop(scope, api.id);
    audit(scope, "update", before, after);
    return ok(after);
  }

  /** The Api with its routes and keys. */
  delete(context: WorkContext, input: DeleteApi): Promise<Outcome<Committed<Api>>> {
    return this.#deps.units.run(context, async (scope) => {
      const api = await findApi(scope.trx, input.id);
      if (api === null) return notFound(["input", "id"], "API");
      const stale = checkVersion(api, input.expectedVersion);
      if (stale !== null) return stale;
      const before = await this.#contentOf(scope, api);
      await this.#deps.keys.recordRemovals(scope, api);
      await deleteApi(scope.trx, api.id);
      scope.remove("api", api.id, { revocation: true });
      audit(scope, "delete", before, null);
      return ok(api);
    });
  }

  async #contentOf({ trx }: UnitOfWork, api: Api): Promise<ApiWithRoutes> {
    return {
      api,
      routes: await findRoutesOf(trx, [api.id]),
      components: (await findComponents(trx, [api.id])).get(api.id) ?? noComponents,
    };
  }

  /** What other modules need to know of routes. */
  readonly uses = {
    routesOf: (db: Db, integrationId: string, limit: number | null): Promise<readonly RouteUse[]> =>
      findRouteUses(db, integrationId, limit),
    countRoutesOf: (db: Db, integrationId: string): Promise<number> => countRouteUses(db, integrationId),
    documentedApisOf: (db: Db, integrationId: string): Promise<readonly string[]> =>
      findDocumentedApis(db, integrationId),
  };
}

/** Fits the limit whatever the original's length. */
function copyTitle(title: string): string {
  const suffix = " (copy)";
  return [...title].slice(0, apiLimits.titleCharsMax - suffix.length).join("") + suffix;
}
