/**
 * An OpenAPI document becomes a new Api, or the routes of one that is there. Everything the document says and an
 * Api has no place for is reported; an error changes nothing. Fetches nothing.
 */
import { isDeepStrictEqual } from "node:util";
import { err, normalizedKey, ok, parseRoutePattern } from "@latchkey/core";
import {
  type ImportedRoute,
  type ImportMapping,
  type ImportResult,
  type ImportThreads,
  type ReportItem,
} from "@latchkey/openapi";
import { type Outcome, Problems, type Refusal, refuse, refuseUnknown } from "../../refusal.js";
import type { WriteContext, Writer, WriteScope, Written } from "../../write.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { ApiKey } from "../key/api-key.js";
import { type Api, apiLimits, type Route, type RouteMethod } from "./api.js";
import type { ApiService, ApiWithRoutes } from "./api-service.js";
import { isVersionLabel } from "./api-service.js";
import { type ContractMode, type ContractUse, planContracts } from "./import-contracts.js";
import { type RouteForm, routeFormOf } from "./route-form.js";

type Maybe<T> = T | null | undefined;

export interface MappingEntry {
  /** Operation id, `GET /path`, tag, or summary. */
  readonly match: string;
  readonly integrationId: string;
}

export interface ImportOpenApi {
  /** JSON or YAML of OpenAPI 3.0 or 3.1. */
  readonly document: string;
  /** The Api whose routes to change; without it a new one is made. */
  readonly apiId?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  /** Of a new Api. */
  readonly subscriptionId?: Maybe<string>;
  /** Of a new Api, instead of the document's. */
  readonly title?: Maybe<string>;
  readonly mapping?: Maybe<{
    readonly default?: Maybe<string>;
    readonly operations?: Maybe<readonly MappingEntry[]>;
    readonly tags?: Maybe<readonly MappingEntry[]>;
    readonly summaries?: Maybe<readonly MappingEntry[]>;
  }>;
  /** Routes that the document does not have are deleted. */
  readonly replace?: Maybe<boolean>;
  /** What becomes of bodies that the document describes. Default: `fill`. */
  readonly contracts?: Maybe<ContractMode>;
}

export type RouteFate = "added" | "changed" | "unchanged" | "kept" | "removed";

export interface PlannedRoute {
  readonly method: RouteMethod;
  readonly path: string;
  readonly operationId: string;
  readonly integrationId: string;
  readonly fate: RouteFate;
}

/** One thing to know about the import, with its place in the document. */
export interface ImportNote {
  readonly severity: ReportItem["severity"];
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
}

export interface ImportedApi extends ApiWithRoutes {
  readonly key: ApiKey | null;
  readonly secret: string | null;
  /** Those that took their description of bodies from the document. */
  readonly changedIntegrations: readonly Integration[];
}

interface Imported extends ImportedApi {
  readonly contractNotes: readonly ImportNote[];
}

export interface ImportOutcome {
  readonly outcome: Outcome<Written<ImportedApi>>;
  readonly notes: readonly ImportNote[];
  readonly plan: readonly PlannedRoute[];
}

/** Integrations looked at for names that match the document's summaries. */
const NAMES_MAX = 1_000;

export interface ImportServiceDeps {
  readonly writer: Writer;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly threads: ImportThreads;
}

export class ImportService {
  readonly #writer: Writer;
  readonly #apis: ApiService;
  readonly #integrations: IntegrationService;
  readonly #threads: ImportThreads;

  constructor(deps: ImportServiceDeps) {
    this.#writer = deps.writer;
    this.#apis = deps.apis;
    this.#integrations = deps.integrations;
    this.#threads = deps.threads;
  }

  async import(context: WriteContext, input: ImportOpenApi): Promise<ImportOutcome> {
    const before = await this.#before(input);
    if (!before.ok) return { outcome: before, notes: [], plan: [] };
    const { api, routes, subscriptionId } = before.value;
    const mapping = await this.#mapping(input, subscriptionId);
    const result = await this.#threads.read(input.document, mapping, apiLimits.routesMax);
    const matched = matchRoutes(result.routes, routes);
    const notes = [...withoutSolved(result.report, matched), ...versionNotes(result, api)];
    const failure = firstFailure(notes);
    if (failure !== null) return { outcome: failure, notes, plan: [] };

    const forms = mergeForms(matched, routes, input.replace ?? false);
    const outcome = await this.#writer.write<Imported>(context, async (scope) => {
      const written =
        api === null
          ? await this.#create(scope, input, result, forms, subscriptionId)
          : await this.#update(scope, input, api, forms);
      if (!written.ok) return err(inDocument(written.error, forms));
      const taken = await this.#takeContracts(scope, input.contracts ?? "fill", result, matched);
      return taken.ok ? ok({ ...written.value, ...taken.value }) : taken;
    });
    if (!outcome.ok) return { outcome, notes, plan: [] };
    const { value } = outcome.value;
    return {
      outcome,
      notes: [...notes, ...value.contractNotes],
      plan: planOf(routes, value.routes, matched),
    };
  }

  /** What is there: the Api with its routes, or the subscription of a new one. */
  async #before(
    input: ImportOpenApi,
  ): Promise<
    Outcome<{ readonly api: Api | null; readonly routes: readonly Route[]; readonly subscriptionId: string }>
  > {
    const { apiId, subscriptionId } = input;
    if (apiId) {
      const api = await this.#apis.find(apiId);
      if (api === null) return refuseUnknown(["input", "apiId"], "API");
      return ok({ api, routes: await this.#apis.routesOf([api.id]), subscriptionId: api.subscriptionId });
    }
    if (!subscriptionId)
      return refuse(
        "REQUIRED",
        ["input", "subscriptionId"],
        "Name the API to change, or the subscription of a new one.",
      );
    return ok({ api: null, routes: [], subscriptionId });
  }

  /** What the caller says, then integrations by their name: a document of ours has it as the operation's summary. */
  async #mapping(input: ImportOpenApi, subscriptionId: string): Promise<ImportMapping> {
    const given = input.mapping ?? {};
    const page = { limit: NAMES_MAX, backward: false, after: null, before: null };
    const order = { field: "name", direction: "asc" } as const;
    const found = await this.#integrations.page({ subscriptionId, routable: true }, order, page);
    const names = new Map<string, string | null>();
    for (const { node } of found.items) names.set(node.name, names.has(node.name) ? null : node.id);
    const byName = [...names].flatMap(([match, integrationId]) =>
      integrationId === null ? [] : [{ match, integrationId }],
    );
    return {
      operations: toRecord(given.operations),
      tags: toRecord(given.tags),
      summaries: toRecord([...byName, ...(given.summaries ?? [])]),
      ...(given.default ? { default: given.default } : {}),
    };
  }

  async #create(
    scope: WriteScope,
    input: ImportOpenApi,
    { model }: ImportResult,
    routes: readonly RouteForm[],
    subscriptionId: string,
  ): Promise<Outcome<Omit<ImportedApi, "changedIntegrations">>> {
    return this.#apis.createIn(scope, {
      subscriptionId,
      title: input.title ?? model?.title ?? "",
      summary: model?.summary ?? "",
      versionLabel: model !== null && isVersionLabel(model.version) ? model.version : "v1",
      routes,
    });
  }

  async #update(
    scope: WriteScope,
    input: ImportOpenApi,
    api: Api,
    routes: readonly RouteForm[],
  ): Promise<Outcome<Omit<ImportedApi, "changedIntegrations">>> {
    const outcome = await this.#apis.updateIn(scope, {
      id: api.id,
      expectedVersion: input.expectedVersion ?? api.version,
      title: api.title,
      summary: api.summary,
      routes,
    });
    return outcome.ok ? ok({ ...outcome.value, key: null, secret: null }) : outcome;
  }

  /** After the routes are written, so that counts of routes are those that will be. */
  async #takeContracts(
    scope: WriteScope,
    mode: ContractMode,
    { version }: ImportResult,
    matched: readonly MatchedRoute[],
  ): Promise<Outcome<Pick<Imported, "changedIntegrations" | "contractNotes">>> {
    const routesOf = new Map<string, number>();
    for (const { integrationId } of matched)
      routesOf.set(integrationId, (routesOf.get(integrationId) ?? 0) + 1);
    const shared = new Set<string>();
    for (const [id, count] of routesOf) {
      if ((await this.#integrations.countUses(id, scope.trx)) > count) shared.add(id);
    }
    const found = await this.#integrations.findMany([...routesOf.keys()], scope.trx);
    const byId = new Map<string, Integration>(found.map((integration) => [integration.id, integration]));
    const uses = matched.flatMap(({ imported, integrationId }): ContractUse[] => {
      const integration = byId.get(integrationId);
      return integration === undefined ? [] : [{ imported, integration }];
    });
    const plan = planContracts(uses, mode, version ?? "3.1", (id) => shared.has(id));
    const changedIntegrations: Integration[] = [];
    for (const { integration, contract } of plan.changes) {
      const updated = await this.#integrations.updateIn(scope, { id: integration.id, ...contract });
      if (!updated.ok) return err(ofIntegration(updated.error, integration));
      changedIntegrations.push(updated.value);
    }
    return ok({ changedIntegrations, contractNotes: plan.notes });
  }
}

/** A route of the document with what it becomes here. */
interface MatchedRoute {
  readonly imported: ImportedRoute;
  readonly existing: Route | null;
  /** Empty when nothing says where it leads. */
  readonly integrationId: string;
}

function matchRoutes(
  imported: readonly ImportedRoute[],
  existing: readonly Route[],
): readonly MatchedRoute[] {
  const byKey = new Map(existing.map((route) => [`${route.method} ${route.normalizedKey}`, route]));
  return imported.map((route) => {
    const parsed = parseRoutePattern(route.path);
    const key = parsed.ok ? `${route.method} ${normalizedKey(parsed.value)}` : "";
    const found = byKey.get(key) ?? null;
    return {
      imported: route,
      existing: found,
      integrationId: route.integrationRef ?? found?.integrationId ?? "",
    };
  });
}

/** A route that is there already keeps its integration, so that nothing is missing in the mapping. */
function withoutSolved(
  report: readonly ReportItem[],
  matched: readonly MatchedRoute[],
): readonly ImportNote[] {
  const solved = new Set(
    matched.filter((route) => route.integrationId !== "").map((route) => route.imported.pointer),
  );
  return report.filter((item) => item.code !== "mapping.missing" || !solved.has(item.pointer));
}

/** A new Api takes the document's version, if it can be one; an Api that is there keeps its own. */
function versionNotes({ model }: ImportResult, api: Api | null): readonly ImportNote[] {
  if (model === null) return [];
  const isTaken = api === null ? isVersionLabel(model.version) : api.versionLabel === model.version;
  if (isTaken) return [];
  const message =
    api === null
      ? "This cannot be the version of an API, which is v1 now."
      : "The API keeps its own version.";
  return [{ severity: "documentation", code: "no_counterpart", pointer: "/info/version", message }];
}

function firstFailure(notes: readonly ImportNote[]): Outcome<never> | null {
  const errors = notes.filter((note) => note.severity === "error");
  const [first] = errors;
  if (first === undefined) return null;
  const more = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  const where = first.pointer === "" ? "" : ` at ${first.pointer}`;
  return refuse("IMPORT_FAILED", ["input", "document"], `${first.message}${where}${more}`);
}

function mergeForms(
  matched: readonly MatchedRoute[],
  existing: readonly Route[],
  replace: boolean,
): RouteForm[] {
  const imported = matched.map(
    ({ imported: route, existing: before, integrationId }): RouteForm => ({
      ...(before === null ? {} : { id: before.id }),
      method: route.method,
      path: route.path,
      integrationId,
      operationId: route.operationId,
      validate: route.validate ?? false,
      operation: operationOf(route),
    }),
  );
  if (replace) return imported;
  const byId = new Map(imported.map((form) => [form.id, form]));
  const kept = existing.map((route): RouteForm => byId.get(route.id) ?? routeFormOf(route));
  return [...kept, ...imported.filter((form) => form.id === undefined)];
}

/** What the document says of the operation. */
function operationOf({
  operation,
  parameters: { path = {}, query = [] } = {},
}: ImportedRoute): object | null {
  if (operation !== undefined) return operation;
  const parameters = [
    ...Object.entries(path).map(([name, parameter]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
      ...parameter,
    })),
    ...query.map((parameter) => ({ in: "query", schema: { type: "string" }, ...parameter })),
  ];
  return parameters.length === 0 ? null : { parameters };
}

function planOf(
  before: readonly Route[],
  after: readonly Route[],
  matched: readonly MatchedRoute[],
): readonly PlannedRoute[] {
  const old = new Map<string, Route>(before.map((route) => [route.id, route]));
  const named = new Set(matched.map((route) => route.existing?.id));
  const plan = after.map((route): PlannedRoute => {
    const was = old.get(route.id);
    old.delete(route.id);
    const same = was !== undefined && isDeepStrictEqual({ ...was, position: 0 }, { ...route, position: 0 });
    const fate = was === undefined ? "added" : !named.has(route.id) ? "kept" : same ? "unchanged" : "changed";
    return planned(route, fate);
  });
  return [...plan, ...[...old.values()].map((route) => planned(route, "removed"))];
}

function planned(route: Route, fate: RouteFate): PlannedRoute {
  const { method, pattern, operationId, integrationId } = route;
  return { method, path: pattern, operationId, integrationId, fate };
}

/** The form was ours: what is wrong with a route of it is wrong with the document. */
function inDocument(refusal: Refusal, forms: readonly RouteForm[]): Refusal {
  const problems = new Problems();
  for (const error of refusal) {
    const [, list, index] = error.field;
    const form = list === "routes" && index !== undefined ? forms[Number(index)] : undefined;
    if (form === undefined) problems.addAll([error]);
    else problems.add(error.code, ["input", "document"], `${form.method} ${form.path}: ${error.message}`);
  }
  return problems.errors;
}

/** What an integration refuses was the document's. */
function ofIntegration(refusal: Refusal, { name }: Integration): Refusal {
  const problems = new Problems();
  for (const { code, field, message } of refusal)
    problems.add(code, ["input", "document"], `${field.at(-1) ?? ""} of "${name}": ${message}`);
  return problems.errors;
}

function toRecord(entries: Maybe<readonly MappingEntry[]>): Readonly<Record<string, string>> {
  return Object.fromEntries((entries ?? []).map(({ match, integrationId }) => [match, integrationId]));
}
