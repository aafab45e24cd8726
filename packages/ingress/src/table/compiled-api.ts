/**
 * An API in the table: checked when it is applied (or before, see checks.ts), so that a bad one is refused by name;
 * built (decoded, router) when the first request comes, since most of a hundred thousand APIs have none for a long time.
 */
import { type CorsPolicy, err, IpPolicy, invariant, isToken, ok, type Result } from "@latchkey/core";
import { CROWD_MESSAGE, findCrowd, type Router } from "@latchkey/router";
import {
  type ApiResource,
  corsPolicyOf,
  decodeResource,
  type ResourceRecord,
  type ResponseValidation,
} from "@latchkey/snapshot";
import { SharedSchemas } from "@latchkey/validation";
import { RequestLimits } from "../limits/rate-limiter.js";
import { type CompiledHeaderRules, compileHeaderRules } from "../policies/header-rules.js";
import type { IntegrationHandle, IntegrationRef } from "./integration-ref.js";
import type { PathCache, RoutePath } from "./path-cache.js";
import { type RecordingRules, recordingRulesOf } from "./recording-rules.js";
import { RouteOperation } from "./route-operation.js";

export interface CompiledRoute<I extends IntegrationHandle = IntegrationHandle> {
  readonly id: string;
  readonly apiId: string;
  readonly path: RoutePath;
  readonly integration: IntegrationRef<I>;
  /** Requests are held to the operation. */
  readonly validate: boolean;
  /** What happens to responses that do not match the operation. */
  readonly responseValidation: ResponseValidation;
  /** Null: neither requests nor responses are checked. */
  readonly operation: RouteOperation | null;
  readonly headerRules: CompiledHeaderRules;
  /** Null: there are none. */
  readonly limits: RequestLimits | null;
  /** 0: none but the integration's. */
  readonly requestBodyBytesMax: number;
}

/** Counts of an API and its routes go on over changes of it. */
export interface ApiLimits {
  readonly api: RequestLimits | null;
  readonly routes: ReadonlyMap<string, RequestLimits>;
}

const NO_LIMITS: ApiLimits = { api: null, routes: new Map() };

export interface BuiltApi<I extends IntegrationHandle = IntegrationHandle> {
  /** Leads to a place in `routes`. */
  readonly router: Router<number>;
  readonly routes: readonly CompiledRoute<I>[];
  readonly bearerRequired: boolean;
  /** Null: any address. */
  readonly ipPolicy: IpPolicy | null;
  readonly limits: ApiLimits;
  readonly openapiJson: Uint8Array | null;
  /** Null: headers and bodies of its requests are not recorded. */
  readonly recording: RecordingRules | null;
}

/** What an API needs of its table. */
export interface ApiTable<I extends IntegrationHandle> {
  readonly paths: PathCache;
  /** Made when there is none yet. */
  integrationRef(id: string): IntegrationRef<I>;
}

export class CompiledApi<I extends IntegrationHandle = IntegrationHandle> {
  readonly id: string;
  /** Known before the API is built: a refusal may come first, and preflight requests name no API. */
  readonly cors: CorsPolicy | null;
  readonly #record: ResourceRecord;
  readonly #table: ApiTable<I>;
  readonly #previousLimits: ApiLimits;
  #built: BuiltApi<I> | "unusable" | null = null;

  /** @param previous the API before this change of it */
  constructor(record: ResourceRecord, table: ApiTable<I>, previous: CompiledApi<I> | null) {
    this.id = record.id;
    this.cors = corsPolicyOf(record);
    this.#record = record;
    this.#table = table;
    this.#previousLimits = previous?.limits ?? NO_LIMITS;
  }

  /** As they are, or would go on. */
  get limits(): ApiLimits {
    return this.#built === null || this.#built === "unusable" ? this.#previousLimits : this.#built.limits;
  }

  get isBuilt(): boolean {
    return this.#built !== null;
  }

  /** Null: it was trusted without a check (see checks.ts) and cannot be used. */
  built(): BuiltApi<I> | null {
    this.#built ??= this.#build() ?? "unusable";
    return this.#built === "unusable" ? null : this.#built;
  }

  /** The integrations' refs that a built API holds; none before. */
  heldRefs(): IntegrationRef<I>[] {
    if (this.#built === null || this.#built === "unusable") return [];
    return this.#built.routes.map((route) => route.integration);
  }

  #build(): BuiltApi<I> | null {
    const decoded = decodeResource(this.#record);
    const { paths: cache } = this.#table;
    if (!decoded.ok || decoded.value.kind !== "api" || !checkApi(decoded.value, cache).ok) return null;
    const api = decoded.value;
    const { router, paths } = cache.sharedPaths(api.routes);
    const shared = sharedSchemas(api);
    const limits = limitsOf(api, this.#previousLimits);
    const routes = api.routes.map((route, i): CompiledRoute<I> => {
      const headerRules = compileHeaderRules(route.headerRules);
      invariant(headerRules.ok, "checkApi has compiled them");
      const integration = this.#table.integrationRef(route.integrationId);
      integration.holderCount++;
      const { validate, responseValidation } = route;
      return {
        id: route.id,
        apiId: api.id,
        path: paths[i] as RoutePath,
        integration,
        validate,
        responseValidation,
        operation: validate || responseValidation !== "off" ? new RouteOperation(route, shared) : null,
        headerRules: headerRules.value,
        limits: limits.routes.get(route.id) ?? null,
        requestBodyBytesMax: route.requestBodyBytesMax,
      };
    });
    const { bearerRequired, openapiJson } = api;
    const ipPolicy = IpPolicy.of(api.ipRules);
    return {
      router,
      routes,
      bearerRequired,
      openapiJson,
      ipPolicy,
      limits,
      recording: recordingRulesOf(api),
    };
  }
}

function limitsOf(api: ApiResource, previous: ApiLimits): ApiLimits {
  const routes = new Map<string, RequestLimits>();
  for (const route of api.routes) {
    const limits = RequestLimits.of(
      "route",
      `${api.id}/${route.id}`,
      route,
      previous.routes.get(route.id) ?? null,
    );
    if (limits !== null) routes.set(route.id, limits);
  }
  return { api: RequestLimits.of("api", api.id, api, previous.api), routes };
}

/** Looked up when the first request is checked. */
function sharedSchemas({ schemas }: ApiResource): () => SharedSchemas | null {
  return () => (schemas === null ? null : SharedSchemas.of(schemas));
}

/** Routes that a router takes; a larger API is refused when it is applied, not when its first request comes. */
const ROUTES_MAX = 32_767;

/** Why an API cannot be used on this node. Checks all that building needs, without building. */
export function checkApi(api: ApiResource, paths: PathCache): Result<null, string> {
  if (api.routes.length > ROUTES_MAX) return err(`an API has at most ${ROUTES_MAX} routes`);
  const endpoints = new Set<string>();
  for (const route of api.routes) {
    if (!isToken(route.method)) return err(`route ${route.id}: the method is not a token`);
    const key = paths.keyOf(route.pattern);
    if (!key.ok) return err(`route ${route.id}: ${key.error}`);
    const endpoint = `${route.method} ${key.value}`;
    if (endpoints.has(endpoint)) return err(`route ${route.id}: ${endpoint} is there already`);
    endpoints.add(endpoint);
    const rules = compileHeaderRules(route.headerRules);
    if (!rules.ok) return err(`route ${route.id}: ${rules.error}`);
  }
  const crowd = findCrowd(api.routes.map((route) => route.pattern));
  if (crowd !== null) return err(`route ${api.routes[crowd]?.id}: ${CROWD_MESSAGE}`);
  return ok(null);
}
