/**
 * An OpenAPI document becomes a new API, or the routes of an existing one. What the document says and an API has no place for is
 * reported; an error changes nothing. Fetches nothing.
 */

import { ok, Pauses } from "@latchkey/core";
import type { ImportThreads, UnreadOperation } from "@latchkey/openapi";
import { type Outcome, userError } from "../../errors/user-error.js";
import { shownLine } from "../../forms/form.js";
import type { Committed, UnitOfWorkRunner, WorkContext } from "../../unit-of-work/unit-of-work.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import { apiLimits } from "./api.js";
import type { ApiService } from "./api-service.js";
import { beforeImport } from "./import-before.js";
import { checkInput, type ImportOpenApi, mappingOf } from "./import-input.js";
import {
  createPlanned,
  outdatedTargets,
  type PlanIntegrations,
  planIntegrations,
} from "./import-integrations.js";
import type { ImportNote } from "./import-note.js";
import {
  bySeverity,
  firstFailure,
  isMissingIntegration,
  missingNotes,
  textNotes,
  versionNotes,
  withoutSolved,
} from "./import-notes.js";
import { ImportParts, type PreparedPart, type WrittenParts } from "./import-parts.js";
import {
  defaultPrefix,
  type MatchedRoute,
  matchRoutes,
  mergeRoutes,
  type PlannedRoute,
  planOf,
  type RouteMerge,
} from "./import-routes.js";
import { PARTS_MAX, splitRoutes } from "./import-split.js";
import { withoutMadeSummaries } from "./import-summaries.js";

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

interface Imported extends WrittenParts {
  readonly addedIntegrations: readonly Integration[];
}

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
    const found = await beforeImport(this.#apis, input);
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
    const matched = await withoutMadeSummaries(
      this.#integrations,
      matchRoutes(result.routes, before.routes, prefix),
    );
    await pauses.pause();
    const isFromServers = input.integrations === "fromServers";
    const outdated = isFromServers
      ? await outdatedTargets(this.#integrations, matched)
      : new Set<MatchedRoute>();
    const mapped = await this.#mapped(input, before.subscriptionId, matched, outdated);
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
    const importParts = new ImportParts({
      apis: this.#apis,
      integrations: this.#integrations,
      input,
      before,
      model: result.model,
    });
    const known = integrationsOf(matched, mapped, making.wanted, planned.value.ids);
    const prepared: PreparedPart[] = [];
    for (const part of parts) {
      await pauses.pause();
      prepared.push(await importParts.prepare(part, merge(part.routes, known), planned.value.added));
    }
    await pauses.pause();

    const outcome = await this.#units.run<Imported>(context, async (scope) => {
      const made = await createPlanned(scope, this.#integrations, planned.value, making);
      if (!made.ok) return made;
      const { plan, added } = made.value;
      const integrationOf = integrationsOf(matched, mapped, making.wanted, plan.ids);
      const written = await importParts.write(scope, prepared, ({ merged, routes }) =>
        plan === planned.value ? merged : merge(routes, integrationOf),
      );
      if (!written.ok) return written;
      const { apis, notes } = written.value;
      return ok({ apis, addedIntegrations: added, notes: [...plan.notes, ...notes] });
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

  /**
   * Ids of integrations by the routes' places: what the caller maps, else the stored route's, else the one whose name is
   * the operation's summary (as in a document of ours), else the default. Null: none of these.
   *
   * @param outdated routes that cannot keep the stored route's
   */
  async #mapped(
    input: ImportOpenApi,
    subscriptionId: string,
    matched: readonly MatchedRoute[],
    outdated: ReadonlySet<MatchedRoute>,
  ): Promise<readonly (string | null)[]> {
    const page = { limit: NAMES_MAX, backward: false, after: null, before: null };
    const order = { field: "name", direction: "asc" } as const;
    const found = await this.#integrations.page({ subscriptionId, routable: true }, order, page);
    const byName = new Map<string, string | null>();
    for (const { node } of found.items) byName.set(node.name, byName.has(node.name) ? null : node.id);
    return matched.map((route) => {
      const { imported, existing } = route;
      return (
        imported.integrationRef ??
        (outdated.has(route) ? null : existing?.integrationId) ??
        byName.get(imported.operation?.summary ?? imported.integration.name) ??
        (input.mapping?.default || null)
      );
    });
  }
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

function tooManyParts(count: number): Outcome<never> {
  return userError(
    "TOO_MANY",
    ["input", "split"],
    `A document is split into at most ${PARTS_MAX} APIs; this would be ${count}.`,
  );
}
