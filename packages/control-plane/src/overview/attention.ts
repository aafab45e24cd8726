/**
 * What an operator should look at: integrations that fail, what nodes cannot use, keys and certificates that expire, keys without
 * use. Changes nothing.
 */
import type { Clock } from "@latchkey/core";
import type { ResourceKind } from "@latchkey/snapshot";
import type { ApiService } from "../modules/api/api-service.js";
import type { CredentialService } from "../modules/credential/credential-service.js";
import type { IntegrationService } from "../modules/integration/integration-service.js";
import type { ApiKey } from "../modules/key/api-key.js";
import type { ApiKeyService } from "../modules/key/api-key-service.js";
import type { UsageReader } from "../traffic/usage-reader.js";
import { lastMinutes } from "../traffic/usage-span.js";

const DAY_MS = 86_400_000;
/** A key that expired longer ago is nobody's surprise any more. */
export const EXPIRED_SHOWN_MS = 7 * DAY_MS;
export const KEY_EXPIRES_MS = 14 * DAY_MS;
const CERTIFICATE_EXPIRES_MS = 30 * DAY_MS;
export const UNUSED_DAYS = 30;
export const FAILING_MINUTES = 5;
/** Below this number of requests nothing is claimed of an integration. */
export const FAILING_REQUESTS_MIN = 20;
/** Of each kind. */
export const ATTENTION_MAX = 5;
/** Resources of one kind whose names are looked up: nodes may still reject some that were deleted. */
const REJECTED_LOOKED_UP_MAX = 100;

export type AttentionKind =
  | "KEY_EXPIRES"
  | "KEY_UNUSED"
  | "CERTIFICATE_EXPIRES"
  | "INTEGRATION_FAILING"
  | "INTEGRATION_IMPAIRED"
  | RejectedKind;

type RejectedKind = "API_REJECTED" | "INTEGRATION_REJECTED" | "CREDENTIAL_REJECTED" | "KEY_REJECTED";

const rejectedKinds = [
  ["api", "API_REJECTED"],
  ["integration", "INTEGRATION_REJECTED"],
  ["credential", "CREDENTIAL_REJECTED"],
  ["key", "KEY_REJECTED"],
] as const satisfies readonly (readonly [ResourceKind, RejectedKind])[];

export interface AttentionItem {
  readonly kind: AttentionKind;
  /** Null for certificates. */
  readonly targetId: string | null;
  readonly apiId: string | null;
  readonly name: string;
  readonly atMs: number | null;
  readonly requests: number | null;
  readonly failures: number | null;
  /** URLs of an impaired integration that a node sends no requests to. */
  readonly urls: number | null;
  /** Nodes that send none, or cannot use the resource. */
  readonly nodes: number | null;
}

/** A certificate that the control plane itself presents. */
export interface OwnCertificate {
  readonly name: string;
  readonly expiresAtMs: number;
}

/** An integration with URLs that nodes send no requests to. */
export interface ImpairedIntegration {
  readonly id: string;
  readonly urls: number;
  readonly nodes: number;
  readonly sinceMs: number;
}

/** A resource that nodes cannot use. */
export interface RejectedResource {
  readonly ref: { readonly kind: ResourceKind; readonly id: string };
  readonly nodes: number;
  readonly sinceMs: number;
}

export interface AttentionDeps {
  readonly clock: Clock;
  readonly keys: ApiKeyService;
  readonly integrations: IntegrationService;
  readonly apis: ApiService;
  readonly credentials: CredentialService;
  readonly usage: UsageReader;
  readonly certificates: () => readonly OwnCertificate[];
  /** Those on most nodes first. */
  readonly impaired: () => readonly ImpairedIntegration[];
  /** That of most nodes first. */
  readonly rejected: () => readonly RejectedResource[];
}

/** At most five of each kind, those that fail or end soonest first. */
export async function findAttention(deps: AttentionDeps): Promise<readonly AttentionItem[]> {
  const nowMs = deps.clock.now();
  const expiring = await deps.keys.expiring(
    { fromMs: nowMs - EXPIRED_SHOWN_MS, toMs: nowMs + KEY_EXPIRES_MS },
    ATTENTION_MAX,
  );
  const unused = await deps.keys.unusedSince(nowMs - UNUSED_DAYS * DAY_MS, ATTENTION_MAX);
  return [
    ...(await failing(deps)),
    ...(await impaired(deps)),
    ...(await rejected(deps)),
    ...certificates(deps.certificates(), nowMs),
    ...expiring.map((key) => keyItem("KEY_EXPIRES", key, key.expiresAtMs)),
    ...unused.map((key) => keyItem("KEY_UNUSED", key, key.lastUsedAtMs)),
  ];
}

async function failing({ clock, integrations, usage }: AttentionDeps): Promise<AttentionItem[]> {
  const totals = await usage.totalsOf(lastMinutes(clock.now(), FAILING_MINUTES), {}, "INTEGRATION", null);
  const counts = [...totals]
    .map(([id, { requests, serverErrors }]) => ({ id, requests, failures: serverErrors }))
    .filter(({ requests, failures }) => requests >= FAILING_REQUESTS_MIN && failures * 2 >= requests)
    .sort((a, b) => b.failures - a.failures)
    .slice(0, ATTENTION_MAX);
  const names = await namesOf(integrations, counts);
  return counts.flatMap(({ id, requests, failures }) => {
    const name = names.get(id);
    return name === undefined
      ? []
      : [item("INTEGRATION_FAILING", { targetId: id, name, requests, failures })];
  });
}

async function impaired(deps: AttentionDeps): Promise<AttentionItem[]> {
  const first = deps.impaired().slice(0, ATTENTION_MAX);
  const names = await namesOf(deps.integrations, first);
  return first.flatMap(({ id, urls, nodes, sinceMs }) => {
    const name = names.get(id);
    return name === undefined
      ? []
      : [item("INTEGRATION_IMPAIRED", { targetId: id, name, atMs: sinceMs, urls, nodes })];
  });
}

async function rejected(deps: AttentionDeps): Promise<AttentionItem[]> {
  const all = deps.rejected();
  const items: AttentionItem[] = [];
  for (const [resourceKind, kind] of rejectedKinds) {
    const some = all.filter(({ ref }) => ref.kind === resourceKind).slice(0, REJECTED_LOOKED_UP_MAX);
    const ids = some.map(({ ref }) => ref.id);
    const found = ids.length === 0 ? [] : await resources(deps, resourceKind, ids);
    const byId = new Map(found.map(({ id, ...named }) => [id, named]));
    const shown = some.flatMap(({ ref, nodes, sinceMs }) => {
      const named = byId.get(ref.id);
      return named === undefined ? [] : [item(kind, { ...named, targetId: ref.id, atMs: sinceMs, nodes })];
    });
    items.push(...shown.slice(0, ATTENTION_MAX));
  }
  return items;
}

/** Those that were deleted are missing. */
async function resources(
  deps: AttentionDeps,
  kind: ResourceKind,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string; readonly apiId: string | null }[]> {
  if (kind === "api")
    return (await deps.apis.findMany(ids)).map(({ id, title }) => ({ id, name: title, apiId: null }));
  if (kind === "key")
    return (await deps.keys.findMany(ids)).map(({ id, name, apiId }) => ({ id, name, apiId }));
  const found = await (kind === "credential" ? deps.credentials : deps.integrations).findMany(ids);
  return found.map(({ id, name }) => ({ id, name, apiId: null }));
}

/** Those that were deleted have none. */
async function namesOf(
  integrations: IntegrationService,
  of: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const found = await integrations.findMany(of.map(({ id }) => id));
  return new Map(found.map(({ id, name }) => [id, name]));
}

function certificates(own: readonly OwnCertificate[], nowMs: number): AttentionItem[] {
  return own
    .filter(({ expiresAtMs }) => expiresAtMs < nowMs + CERTIFICATE_EXPIRES_MS)
    .map(({ name, expiresAtMs }) => item("CERTIFICATE_EXPIRES", { name, atMs: expiresAtMs }));
}

function keyItem(kind: AttentionKind, key: ApiKey, atMs: number | null): AttentionItem {
  return item(kind, { targetId: key.id, apiId: key.apiId, name: key.name, atMs });
}

function item(
  kind: AttentionKind,
  more: Partial<AttentionItem> & Pick<AttentionItem, "name">,
): AttentionItem {
  return {
    kind,
    targetId: null,
    apiId: null,
    atMs: null,
    requests: null,
    failures: null,
    urls: null,
    nodes: null,
    ...more,
  };
}
