/**
 * Integrations made of a document's servers: one for each distinct URL, found again by its URL when the document is
 * imported again. Says which credentials the targets want; sets none.
 */
import { isDeepStrictEqual } from "node:util";
import { err, ok, Pauses, parameterNamesOf } from "@latchkey/core";
import type { ImportSource } from "@latchkey/openapi";
import { METHOD_AS_RECEIVED } from "@latchkey/snapshot";
import type { Db } from "../../db/schema.js";
import type { Outcome, UserError } from "../../errors/user-error.js";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { Integration } from "../integration/integration.js";
import { integrationLimits } from "../integration/integration.js";
import type { IntegrationDraft, IntegrationService } from "../integration/integration-service.js";
import { missingPlaceholder } from "../integration/upstream-url.js";
import type { ImportNote } from "./import-note.js";
import type { MatchedRoute } from "./import-routes.js";

export interface PlannedIntegrations {
  /** By the route's place among `wanted`; null where the document names no server. */
  readonly ids: readonly (string | null)[];
  /** All URLs as they would be stored. */
  readonly urls: readonly string[];
  /** Ids of the integrations that are there, by URL. */
  readonly found: ReadonlyMap<string, string>;
  readonly added: readonly IntegrationDraft[];
  readonly notes: readonly ImportNote[];
}

export interface PlanIntegrations {
  readonly subscriptionId: string;
  /** Title of the document. */
  readonly title: string;
  /** Instead of the document's servers, without a slash at its end. */
  readonly serverUrl: string | null;
  readonly source: ImportSource | null;
  readonly wanted: readonly MatchedRoute[];
}

/** Checks what would be made, and makes nothing. */
export async function planIntegrations(
  integrations: IntegrationService,
  { subscriptionId, title, serverUrl, source, wanted }: PlanIntegrations,
  db?: Db,
): Promise<Outcome<PlannedIntegrations>> {
  const pauses = new Pauses();
  const urls: (string | null)[] = [];
  const stored = new Map<string, string>();
  for (const route of wanted) {
    await pauses.pause();
    const url = urlOf(route, serverUrl);
    urls.push(url);
    if (url !== null && !stored.has(url)) stored.set(url, integrations.storedUrl(url));
  }
  const storedUrls = [...stored.values()];
  const found = await integrations.findByUrls(subscriptionId, storedUrls, db);
  const ids = new Map(found);
  const added: IntegrationDraft[] = [];
  const ofWebSockets = new Set(urls.filter((_, i) => wanted[i]?.imported.integration.webSockets === true));
  for (const [url, storedUrl] of stored) {
    if (ids.has(storedUrl)) continue;
    await pauses.pause();
    const draft = integrations.draft({
      subscriptionId,
      name: nameOf(title, url),
      description: `Made of the servers of "${title}".`,
      urls: [url],
      method: METHOD_AS_RECEIVED,
      webSockets: ofWebSockets.has(url),
    });
    if (!draft.ok) return err(draft.error.map((error) => inDocument(error, url)));
    ids.set(storedUrl, draft.value.id);
    added.push(draft.value);
  }
  const idOf = (url: string | null) => ids.get(stored.get(url ?? "") ?? "") ?? null;
  return ok({
    ids: urls.map(idOf),
    urls: storedUrls,
    found,
    added,
    notes: [...serverNotes(wanted, serverUrl), ...credentialNotes(wanted, source)],
  });
}

/**
 * Routes whose path no longer has a parameter that the URL of their integration names: the document has renamed it. They get
 * another integration made of the servers.
 */
export async function outdatedTargets(
  integrations: IntegrationService,
  matched: readonly MatchedRoute[],
): Promise<ReadonlySet<MatchedRoute>> {
  const renamed = matched.filter(({ existing, path }) => existing !== null && existing.pattern !== path);
  const targets = await integrations.targets(
    renamed.flatMap(({ existing }) => existing?.integrationId ?? []),
  );
  return new Set(
    renamed.filter(({ existing, path }) => {
      const urls = targets.get(existing?.integrationId ?? "")?.urls ?? [];
      return missingPlaceholder(urls, parameterNamesOf(path)) !== undefined;
    }),
  );
}

/** Creates what was planned before the transaction, or what is planned anew when others made or deleted such integrations since. */
export async function createPlanned(
  scope: UnitOfWork,
  integrations: IntegrationService,
  planned: PlannedIntegrations,
  input: PlanIntegrations,
): Promise<Outcome<{ readonly plan: PlannedIntegrations; readonly added: readonly Integration[] }>> {
  const found = await integrations.findByUrls(input.subscriptionId, planned.urls, scope.trx);
  const plan = isDeepStrictEqual(found, planned.found)
    ? ok(planned)
    : await planIntegrations(integrations, input, scope.trx);
  if (!plan.ok) return plan;
  const added = await integrations.createDrafts(scope, plan.value.added);
  return added.ok ? ok({ plan: plan.value, added: added.value }) : added;
}

/** What an integration's form refuses was the document's. */
function inDocument(error: UserError, url: string): UserError {
  return { ...error, field: ["input", "document"], message: `${url}: ${error.message}` };
}

/** Null when neither the caller nor the document names a server. */
function urlOf({ imported }: MatchedRoute, serverUrl: string | null): string | null {
  const server = serverUrl ?? imported.server.url;
  if (server === null) return null;
  const names = new Set(parameterNames(imported.path));
  // As the document writes it (slashes at the end, escapes), unless a parameter has another name here.
  const { path } = imported.server;
  const isSame = parameterNames(path).every((name) => names.has(name));
  return `${server}${(isSame ? path : imported.path).replace(/\{([^{}*]+)\*\}/g, "{$1}")}`;
}

function parameterNames(path: string): readonly string[] {
  return [...path.matchAll(/\{([^{}*]+)\*?\}/g)].map((match) => match[1] as string);
}

/** `Pet store /pets/{petId}`. Without the host: a document shows the name where the operation has no summary. */
function nameOf(title: string, url: string): string {
  return `${title} ${url.replace(/^https?:\/\/[^/]*/i, "")}`.trim().slice(0, integrationLimits.nameCharsMax);
}

/** One for each list of servers of which only the first is used. */
function serverNotes(wanted: readonly MatchedRoute[], serverUrl: string | null): readonly ImportNote[] {
  if (serverUrl !== null) return [];
  const lists = new Map(wanted.map(({ imported: { server } }) => [server.pointer, server]));
  return [...lists.values()].flatMap(({ pointer, others, url }): ImportNote[] =>
    others === 0 || url === null
      ? []
      : [
          {
            severity: "behavior",
            code: "server.first_used",
            pointer,
            message: `Requests go to the first server, ${url}; ${others === 1 ? "another one is" : `${others} others are`} not used.`,
          },
        ],
  );
}

/** One for each security scheme of which targets want a credential. */
function credentialNotes(
  wanted: readonly MatchedRoute[],
  source: ImportSource | null,
): readonly ImportNote[] {
  const counts = new Map<string, number>();
  for (const { imported } of wanted)
    for (const name of imported.server.security) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].flatMap(([name, count]): ImportNote[] => {
    const scheme = source?.securitySchemes[name];
    if (scheme === undefined) return [];
    return [
      {
        severity: "behavior",
        code: "server.credential_wanted",
        pointer: scheme.pointer,
        message: `The servers want ${scheme.credential} for ${count === 1 ? "one route" : `${count} routes`}; the integrations send what the client sends.`,
      },
    ];
  });
}
