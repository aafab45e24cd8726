/**
 * An OpenAPI document becomes a new Api, or the routes of one that is there. Everything the document says and an
 * Api has no place for is reported; an error changes nothing. Fetches nothing.
 */

import { err, ok, Pauses } from "@latchkey/core";
import type { ApiModel, ImportThreads, UnreadOperation } from "@latchkey/openapi";
import { notFound, type Outcome, Problems, type UserErrors, userError } from "../../errors/user-error.js";
import { shownLine, shownLines } from "../../forms/form.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import type { Integration, IntegrationTarget } from "../integration/integration.js";
import type { IntegrationDraft, IntegrationService } from "../integration/integration-service.js";
import type { ApiKey } from "../key/api-key.js";
import {
  type Api,
  type ApiComponents,
  type ApiWithRoutes,
  apiLimits,
  noComponents,
  type Route,
} from "./api.js";
import type { CreateApi } from "./api-form.js";
import type { ApiService } from "./api-service.js";
import { type MergedComponents, mergeComponents } from "./import-components.js";
import { checkInput, type ImportOpenApi, mappingOf } from "./import-input.js";
import {
  createPlanned,
  type PlanIntegrations,
  type PlannedIntegrations,
  planIntegrations,
} from "./import-integrations.js";
import type { ImportNote } from "./import-note.js";
import {
  bySeverity,
  changedSchemaNote,
  firstFailure,
  isMissingIntegration,
  missingNotes,
  sparedNote,
  textNotes,
  versionNotes,
  withoutSolved,
} from "./import-notes.js";
import {
  defaultPrefix,
  type MatchedRoute,
  matchRoutes,
  mergeRoutes,
  type PlannedRoute,
  planOf,
  type RouteMerge,
} from "./import-routes.js";
import { modelOf, PARTS_MAX, splitRoutes } from "./import-split.js";
import { PreparedContent } from "./prepared-content.js";
import type { RouteForm } from "./route-form.js";
import { isVersionLabel } from "./version-label.js";

export interface ImportedApi extends ApiWithRoutes {
  readonly key: ApiKey | null;
  readonly secret: string | null;
}

interface Imported {
  /** One, unless the document was split. */
  readonly apis: readonly ImportedApi[];
  readonly addedIntegrations: readonly Integration[];
  readonly notes: readonly ImportNote[];
}

/** What is there: the Api with its content, or the subscription of a new one. */
interface Before {
  readonly api: Api | null;
  readonly routes: readonly Route[];
  readonly components: ApiComponents;
  readonly subscriptionId: string;
}

export interface ImportOutcome {
  readonly outcome: Outcome<Committed<Pick<Imported, "apis">>>;
  readonly notes: readonly ImportNote[];
  /** Of a dry run also when nothing says which integrations serve some of the routes. */
  readonly plan: readonly PlannedRoute[];
  readonly addedIntegrations: readonly Integration[];
  readonly unread: readonly UnreadOperation[];
  /** Of the document; null when it cannot be read. */
  readonly title: string | null;
}

type IntegrationOf = (route: MatchedRoute) => string;

/** Of an import that ended before the document was read. */
const unread = { notes: [], plan: [], addedIntegrations: [], unread: [], title: null };

/** Routes of a document that is split. */
const SPLIT_ROUTES_MAX = 20_000;

/** Integrations looked at for names that match the document's summaries. */
const NAMES_MAX = 1_000;

export interface ImportServiceDeps {
  readonly units: UnitOfWorkRunner;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly threads: ImportThreads;
}

export class ImportService {
  readonly #units: UnitOfWorkRunner;
  readonly #apis: ApiService;
  readonly #integrations: IntegrationService;
  readonly #threads: ImportThreads;

  constructor(deps: ImportServiceDeps) {
    this.#units = deps.units;
    this.#apis = deps.apis;
    this.#integrations = deps.integrations;
    this.#threads = deps.threads;
  }

  async import(context: WorkContext, input: ImportOpenApi): Promise<ImportOutcome> {
    const found = await this.#before(input);
    if (!found.ok) return { ...unread, outcome: found };
    const before = found.value;
    const invalid = checkInput(input);
    if (invalid !== null) return { ...unread, outcome: invalid };
    const routesMax = input.split ? SPLIT_ROUTES_MAX : apiLimits.routesMax;
    const owner = before.subscriptionId;
    const result = await this.#threads.read(input.document, mappingOf(input), routesMax, owner);
    const pauses = new Pauses();
    await pauses.pause();
    const prefix =
      input.pathPrefix ?? defaultPrefix(result.routes, before.routes, result.source?.serverPath ?? "");
    await pauses.pause();
    const matched = matchRoutes(result.routes, before.routes, prefix);
    await pauses.pause();
    const mapped = await this.#mapped(input, before.subscriptionId, matched);
    const isFromServers = input.integrations === "fromServers";
    const wanted = matched.filter((_, place) => mapped[place] === null && isFromServers);
    const solved = new Set([
      ...matched.filter((_, place) => mapped[place] !== null),
      ...wanted.filter(({ imported }) => (input.serverUrl ?? imported.server.url) !== null),
    ]);
    const notes = bySeverity([
      ...withoutSolved(result.report, solved, isFromServers),
      ...versionNotes(result, before.api),
      ...textNotes(result, before.api),
      ...missingNotes(matched, solved, isFromServers),
    ]);
    const failure = firstFailure(notes);
    const read = {
      notes,
      plan: [],
      addedIntegrations: [],
      unread: result.source?.unread ?? [],
      title: result.model === null ? null : shownLine(result.model.title),
    };
    // A dry run shows the routes all the same, so that they can be mapped.
    if (failure !== null && !(context.dryRun === true && notes.every(isMissingIntegration)))
      return { ...read, outcome: failure };
    const left = new Set(matched.filter((route) => !solved.has(route)));
    const parts =
      input.split && result.model !== null
        ? splitRoutes(matched, input.split)
        : [{ name: null, routes: matched }];
    if (parts.length > PARTS_MAX) return { ...read, outcome: tooManyParts(parts.length) };
    const merge = (routes: readonly MatchedRoute[], integrationOf: IntegrationOf): RouteMerge =>
      mergeRoutes(
        routes.filter((route) => !left.has(route)),
        before.routes,
        {
          validate: input.validate ?? "keep",
          replace: input.replace ?? false,
          unread: result.source?.unread ?? [],
          prefix,
          integrationOf,
        },
      );
    const making: PlanIntegrations = {
      subscriptionId: before.subscriptionId,
      title: shownLine(result.model?.title ?? ""),
      serverUrl: input.serverUrl ?? null,
      source: result.source,
      wanted: wanted.filter((route) => !left.has(route)),
    };
    const planned = await planIntegrations(this.#integrations, making);
    if (!planned.ok) return { ...read, outcome: planned };
    await pauses.pause();
    const prepared: PreparedPart[] = [];
    const known = integrationsOf(matched, mapped, making.wanted, planned.value.ids);
    for (const part of parts)
      prepared.push(
        await this.#prepare(part, before, result.model, input, planned.value, (routes) =>
          merge(routes, known),
        ),
      );
    await pauses.pause();

    const outcome = await this.#units.run<Imported>(context, async (scope) => {
      const made = await createPlanned(scope, this.#integrations, planned.value, making);
      if (!made.ok) return made;
      const { plan, added } = made.value;
      const integrationOf = integrationsOf(matched, mapped, making.wanted, plan.ids);
      const imported: Imported = { apis: [], addedIntegrations: added, notes: plan.notes };
      return this.#write(
        scope,
        input,
        before,
        result.model,
        prepared,
        ({ merged, routes }) => (plan === planned.value ? merged : merge(routes, integrationOf)),
        imported,
      );
    });
    if (!outcome.ok) return { ...read, outcome };
    const { value } = outcome.value;
    return {
      ...read,
      outcome: failure ?? outcome,
      notes: bySeverity([...notes, ...value.notes]),
      plan: await planOf(
        before.routes,
        value.apis.flatMap((api) => api.routes),
        matched,
        left,
      ),
      addedIntegrations: value.addedIntegrations,
    };
  }

  async #before({ apiId, subscriptionId }: ImportOpenApi): Promise<Outcome<Before>> {
    if (apiId) {
      const api = await this.#apis.find(apiId);
      if (api === null) return notFound(["input", "apiId"], "API");
      return ok({
        api,
        routes: await this.#apis.routesOf([api.id]),
        components: (await this.#apis.componentsOf([api.id])).get(api.id) ?? noComponents,
        subscriptionId: api.subscriptionId,
      });
    }
    if (!subscriptionId)
      return userError(
        "REQUIRED",
        ["input", "subscriptionId"],
        "Name the API to change, or the subscription of a new one.",
      );
    return ok({ api: null, routes: [], components: noComponents, subscriptionId });
  }

  /**
   * Ids of integrations by the routes' places: what the caller maps, else the stored route's, else the one whose name is
   * the operation's summary (as in a document of ours), else the default. Null: none of these.
   */
  async #mapped(
    input: ImportOpenApi,
    subscriptionId: string,
    matched: readonly MatchedRoute[],
  ): Promise<readonly (string | null)[]> {
    const page = { limit: NAMES_MAX, backward: false, after: null, before: null };
    const order = { field: "name", direction: "asc" } as const;
    const found = await this.#integrations.page({ subscriptionId, routable: true }, order, page);
    const byName = new Map<string, string | null>();
    for (const { node } of found.items) byName.set(node.name, byName.has(node.name) ? null : node.id);
    return matched.map(
      ({ imported, existing }) =>
        imported.integrationRef ??
        existing?.integrationId ??
        byName.get(imported.operation?.summary ?? imported.integration.name) ??
        (input.mapping?.default || null),
    );
  }

  /** @param planned integrations that the routes may name beside stored ones */
  async #prepare(
    { name, routes }: Pick<PreparedPart, "name" | "routes">,
    { api, subscriptionId, routes: existing, components: stored }: Before,
    model: ApiModel | null,
    input: ImportOpenApi,
    planned: PlannedIntegrations,
    merge: (routes: readonly MatchedRoute[]) => RouteMerge,
  ): Promise<PreparedPart> {
    const merged = merge(routes);
    const { forms, kept } = merged;
    const ofPart = name === null || model === null ? model : modelOf(model, routes);
    const components = await mergeComponents(ofPart, stored, kept, input.replace ?? false);
    const ids = new Set<string>(forms.map((form) => form.integrationId));
    const added = planned.added.filter(({ id }) => ids.has(id)).map(targetOf);
    for (const { id } of added) ids.delete(id);
    const there = await this.#integrations.targets([...ids]);
    const content = await PreparedContent.of({
      before: api === null ? null : { api, routes: existing, components: stored },
      components: components.form,
      stored,
      forms,
      subscriptionId,
      targets: new Map([...there, ...added.map((target) => [target.id, target] as const)]),
    });
    return { name, routes, merged, components, content };
  }

  /** The Api, or one for each part; none when one of them is refused. */
  async #write(
    scope: UnitOfWork,
    input: ImportOpenApi,
    before: Before,
    model: ApiModel | null,
    parts: readonly PreparedPart[],
    merge: (part: PreparedPart) => RouteMerge,
    made: Imported,
  ): Promise<Outcome<Imported>> {
    const pauses = new Pauses();
    const apis: ImportedApi[] = [];
    const notes = [...made.notes];
    const title = input.title ?? shownLine(model?.title ?? "");
    for (const part of parts) {
      await pauses.pause();
      const { name, components, content } = part;
      const { forms, spared } = merge(part);
      const form = { ...components.form, routes: forms };
      const origin = { schemasChecked: true, prepared: content };
      const written =
        before.api !== null
          ? await this.#apis.updateIn(
              scope,
              { ...form, id: before.api.id, expectedVersion: input.expectedVersion ?? before.api.version },
              origin,
            )
          : name === null
            ? await this.#apis.createIn(scope, { ...form, ...headOf(before, model), title }, origin)
            : await this.#apis.createIn(
                scope,
                { ...form, ...headOf(before, model), title: partTitle(title, name) },
                { ...origin, part: name },
              );
      if (!written.ok) return err(inDocument(written.error, forms));
      apis.push({ key: null, secret: null, ...written.value });
      notes.push(...spared.map(sparedNote), ...components.changed.map(changedSchemaNote));
    }
    return ok({ ...made, apis, notes });
  }
}

/** What becomes an Api, prepared before its transaction. */
interface PreparedPart {
  /** Null: the document is not split. */
  readonly name: string | null;
  readonly routes: readonly MatchedRoute[];
  readonly merged: RouteMerge;
  readonly components: MergedComponents;
  readonly content: PreparedContent;
}

function targetOf({ id, subscriptionId, content }: IntegrationDraft): IntegrationTarget {
  const { inboundKind, name, urls } = content;
  return { id, subscriptionId, inboundKind, name, urls };
}

function tooManyParts(count: number): Outcome<never> {
  return userError(
    "TOO_MANY",
    ["input", "split"],
    `A document is split into at most ${PARTS_MAX} APIs; this would be ${count}.`,
  );
}

/** Of a new API, beside its title and content. */
function headOf(
  { subscriptionId }: Before,
  model: ApiModel | null,
): Pick<CreateApi, "subscriptionId" | "summary" | "versionLabel"> {
  return {
    subscriptionId,
    summary: shownLines(model?.summary ?? ""),
    versionLabel: model !== null && isVersionLabel(model.version) ? model.version : "v1",
  };
}

/** Fits the limit whatever the names' lengths. */
function partTitle(title: string, name: string): string {
  const part = [...shownLine(name)].slice(0, apiLimits.titleCharsMax / 2).join("");
  const suffix = title === "" ? part : `: ${part}`;
  return [...title].slice(0, apiLimits.titleCharsMax - [...suffix].length).join("") + suffix;
}

function integrationsOf(
  matched: readonly MatchedRoute[],
  mapped: readonly (string | null)[],
  wanted: readonly MatchedRoute[],
  made: readonly (string | null)[],
): IntegrationOf {
  const ids = new Map(matched.map((route, place) => [route, mapped[place] ?? null]));
  wanted.forEach((route, place) => {
    ids.set(route, made[place] ?? null);
  });
  return (route) => ids.get(route) ?? "";
}

/** The form was ours: what is wrong with a route of it is wrong with the document. */
function inDocument(errors: UserErrors, forms: readonly RouteForm[]): UserErrors {
  const problems = new Problems();
  for (const error of errors) {
    const [, list, index] = error.field;
    const form = list === "routes" && index !== undefined ? forms[Number(index)] : undefined;
    if (form === undefined) problems.addAll([error]);
    else problems.add(error.code, ["input", "document"], `${form.method} ${form.path}: ${error.message}`);
  }
  return problems.errors;
}
