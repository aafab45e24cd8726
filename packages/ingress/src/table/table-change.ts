/**
 * Changes a RouteTable in two steps: `prepareChange` decodes and checks everything and touches nothing,
 * `commitChange` is synchronous and cannot fail. A resource that cannot be used is quarantined alone, by name.
 */
import type { Result } from "@latchkey/core";
import {
  type CredentialResource,
  type DigestSum,
  decodeResource,
  type IntegrationResource,
  type KeyResource,
  type ResourceRecord,
  type ResourceRef,
  type Revision,
  resourceName,
} from "@latchkey/snapshot";
import type { ApiRef } from "./api-ref.js";
import type { ApisToRecheck } from "./checks.js";
import { CompiledApi, checkApi } from "./compiled-api.js";
import type { CredentialHandle } from "./credential-ref.js";
import type { IntegrationHandle, IntegrationRef } from "./integration-ref.js";
import { KeyEntry, KeyRef } from "./key-entry.js";
import type { RouteTable } from "./route-table.js";

/** Makes what the forwarder needs of an integration or a credential, or says why it cannot. */
export interface IntegrationFactory<I extends IntegrationHandle> {
  create(resource: IntegrationResource, previous: I | null): Result<I, string>;
  createCredential(resource: CredentialResource, previous: CredentialHandle | null): CredentialHandle;
}

export interface TableChange {
  readonly upserts: readonly ResourceRecord[];
  readonly removals: readonly ResourceRef[];
}

export interface Rejection {
  readonly ref: ResourceRef;
  readonly reason: string;
}

type Prepared<I extends IntegrationHandle> =
  | { readonly kind: "api"; readonly record: ResourceRecord }
  | { readonly kind: "integration"; readonly record: ResourceRecord; readonly handle: I }
  | { readonly kind: "key"; readonly record: ResourceRecord; readonly resource: KeyResource }
  | { readonly kind: "credential"; readonly record: ResourceRecord; readonly handle: CredentialHandle }
  | { readonly kind: "rejected"; readonly record: ResourceRecord; readonly reason: string };

export interface PreparedChange<I extends IntegrationHandle> {
  readonly upserts: readonly Prepared<I>[];
  readonly removals: readonly ResourceRef[];
}

/** Where counts and health of what stays the same go on from: the table itself, or the one it will replace. */
export type PreviousState<I extends IntegrationHandle> = Pick<
  RouteTable<I>,
  "keys" | "apis" | "integrations" | "credentials" | "paths"
>;

/** The digest that a table would have after a change, without making it. */
export function digestAfter(table: Pick<RouteTable, "digest" | "records">, change: TableChange): DigestSum {
  const sum = table.digest.clone();
  const touched = new Map<string, ResourceRecord | null>();
  const before = (name: string, ref: ResourceRef): ResourceRecord | null => {
    const changed = touched.get(name);
    return changed === undefined ? (table.records.get(ref) ?? null) : changed;
  };
  for (const ref of change.removals) {
    const name = resourceName(ref);
    const old = before(name, ref);
    if (old !== null) sum.remove(old);
    touched.set(name, null);
  }
  for (const record of change.upserts) {
    const name = resourceName(record);
    const old = before(name, record);
    if (old !== null) sum.remove(old);
    sum.add(record);
    touched.set(name, record);
  }
  return sum;
}

/**
 * Decodes and checks one record.
 * @param apisToRecheck null: all are checked
 */
export function prepareRecord<I extends IntegrationHandle>(
  record: ResourceRecord,
  factory: IntegrationFactory<I>,
  previousState: PreviousState<I>,
  apisToRecheck: ApisToRecheck = null,
): Prepared<I> {
  if (record.kind === "api" && apisToRecheck !== null && !apisToRecheck.has(record.id))
    return { kind: "api", record };
  const decoded = decodeResource(record);
  if (!decoded.ok) return { kind: "rejected", record, reason: decoded.error.reason };
  const resource = decoded.value;
  switch (resource.kind) {
    case "api": {
      const checked = checkApi(resource, previousState.paths);
      return checked.ok ? { kind: "api", record } : { kind: "rejected", record, reason: checked.error };
    }
    case "integration": {
      const previous = previousState.integrations.get(record.id)?.current ?? null;
      const handle = factory.create(resource, previous);
      return handle.ok
        ? { kind: "integration", record, handle: handle.value }
        : { kind: "rejected", record, reason: handle.error };
    }
    case "key":
      return { kind: "key", record, resource };
    case "credential": {
      const previous = previousState.credentials.get(record.id)?.current ?? null;
      return { kind: "credential", record, handle: factory.createCredential(resource, previous) };
    }
  }
}

export function prepareChange<I extends IntegrationHandle>(
  change: TableChange,
  factory: IntegrationFactory<I>,
  previousState: PreviousState<I>,
): PreparedChange<I> {
  const upserts = change.upserts.map((record) => prepareRecord(record, factory, previousState));
  return { upserts, removals: change.removals };
}

/** Applies a prepared change in one synchronous step. The caller sets revision and digest. */
export function commitChange<I extends IntegrationHandle>(
  table: RouteTable<I>,
  change: PreparedChange<I>,
  previousState: PreviousState<I>,
): void {
  for (const ref of change.removals) remove(table, ref);
  for (const upsert of change.upserts) commitUpsert(table, upsert, previousState);
}

/** What a table holds but cannot use. */
export function rejectionsOf(table: Pick<RouteTable, "quarantine" | "credentials">): Rejection[] {
  const rejections: Rejection[] = [];
  for (const [name, reason] of table.quarantine) rejections.push({ ref: refOf(name), reason });
  for (const { id, current } of table.credentials.values()) {
    const reason = current?.problem ?? null;
    if (reason !== null) rejections.push({ ref: { kind: "credential", id }, reason });
  }
  return rejections;
}

/** The inverse of `resourceName`: a kind has no slash. */
function refOf(name: string): ResourceRef {
  const slash = name.indexOf("/");
  return { kind: name.slice(0, slash), id: name.slice(slash + 1) };
}

/** Sets where the table stands after a change. */
export function stamp(table: RouteTable, revision: Revision, digest: DigestSum): void {
  table.revision = revision;
  table.digest = digest;
}

/** One record of a change. */
export function commitUpsert<I extends IntegrationHandle>(
  table: RouteTable<I>,
  upsert: Prepared<I>,
  previousState: PreviousState<I>,
): void {
  const { record } = upsert;
  table.records.set(record);
  if (upsert.kind === "rejected") {
    forget(table, record);
    table.quarantine.set(resourceName(record), upsert.reason);
    return;
  }
  release(table, record);
  switch (upsert.kind) {
    case "api": {
      const previous =
        table.apis.get(record.id)?.current ?? previousState.apis.get(record.id)?.current ?? null;
      putApi(table, table.apiRef(record.id), new CompiledApi<I>(record, table, previous));
      return;
    }
    case "integration":
      for (const id of upsert.handle.credentialIds) upsert.handle.link(table.credentialRef(id));
      putIntegration(table.integrationRef(record.id), upsert.handle);
      return;
    case "credential":
      table.credentialRef(record.id).current = upsert.handle;
      return;
    case "key":
      putKey(table, upsert.resource, previousState);
      return;
  }
}

function remove<I extends IntegrationHandle>(table: RouteTable<I>, ref: ResourceRef): void {
  if (!table.records.delete(ref)) return;
  release(table, ref);
  forget(table, ref);
  // The control plane deletes none that an integration uses; one that does keeps its reference, which leads nowhere.
  if (ref.kind === "credential") table.credentials.delete(ref.id);
}

/** Ends the quarantine of a resource, if it is in one. */
function release(table: Pick<RouteTable, "quarantine">, ref: ResourceRef): void {
  if (table.quarantine.size > 0) table.quarantine.delete(resourceName(ref));
}

/** Takes a resource out of use; its record may stay. */
function forget<I extends IntegrationHandle>(table: RouteTable<I>, ref: ResourceRef): void {
  switch (ref.kind) {
    case "api": {
      const reference = table.apis.get(ref.id);
      if (reference === undefined) return;
      putApi(table, reference, null);
      return;
    }
    case "integration": {
      const reference = table.integrations.get(ref.id);
      if (reference === undefined) return;
      putIntegration(reference, null);
      dropIntegrationRef(table, reference);
      return;
    }
    case "credential": {
      const reference = table.credentials.get(ref.id);
      if (reference !== undefined) reference.current = null;
      return;
    }
    case "key": {
      const key = table.keys.get(ref.id);
      if (key === undefined) return;
      table.keys.delete(ref.id);
      releaseKey(table, key);
    }
  }
}

function putApi<I extends IntegrationHandle>(
  table: RouteTable<I>,
  reference: ApiRef<I>,
  entry: CompiledApi<I> | null,
): void {
  const previous = reference.current;
  const held = previous?.heldRefs() ?? [];
  if (previous?.cors) table.allowedOrigins.remove(previous.cors);
  if (entry?.cors) table.allowedOrigins.add(entry.cors);
  reference.current = entry;
  for (const integration of held) {
    integration.holderCount--;
    dropIntegrationRef(table, integration);
  }
  dropApiRef(table, reference);
}

function putIntegration<I extends IntegrationHandle>(reference: IntegrationRef<I>, handle: I | null): void {
  const previous = reference.current;
  reference.current = handle;
  previous?.retire();
}

function putKey<I extends IntegrationHandle>(
  table: RouteTable<I>,
  resource: KeyResource,
  previousState: PreviousState<I>,
): void {
  const previous = table.keys.get(resource.id) ?? null;
  const reference = table.apiRef(resource.apiId);
  reference.keyCount++;
  const entry = new KeyEntry(resource, reference, previous ?? previousState.keys.get(resource.id) ?? null);
  table.keys.set(resource.id, entry);
  for (const { digest } of entry.secrets) {
    let secret = table.secrets.get(digest);
    if (secret === undefined) {
      secret = new KeyRef();
      table.secrets.set(digest, secret);
      table.unknownSecrets.clear();
    }
    secret.claim(entry, digest);
  }
  if (previous !== null) releaseKey(table, previous as KeyEntry);
}

function releaseKey<I extends IntegrationHandle>(table: RouteTable<I>, key: KeyEntry): void {
  for (const { digest } of key.secrets) {
    if (table.secrets.get(digest)?.release(key, digest) === true) table.secrets.delete(digest);
  }
  const reference = key.api as ApiRef<I>;
  reference.keyCount--;
  dropApiRef(table, reference);
}

function dropApiRef<I extends IntegrationHandle>(table: RouteTable<I>, reference: ApiRef<I>): void {
  if (reference.current === null && reference.keyCount === 0) table.apis.delete(reference.id);
}

function dropIntegrationRef<I extends IntegrationHandle>(
  table: RouteTable<I>,
  reference: IntegrationRef<I>,
): void {
  if (reference.current === null && reference.holderCount === 0) table.integrations.delete(reference.id);
}
