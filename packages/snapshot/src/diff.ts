/** Set × set → delta, by name. Both sides are maps by `resourceName`. */
import { type ResourceRecord, type ResourceRef, resourceName } from "./resource.js";

export interface ResourceChange {
  readonly upserts: readonly ResourceRecord[];
  readonly removals: readonly ResourceRef[];
}

export type ResourceSet = ReadonlyMap<string, ResourceRecord>;

export function resourceSet(records: Iterable<ResourceRecord>): Map<string, ResourceRecord> {
  const set = new Map<string, ResourceRecord>();
  for (const record of records) set.set(resourceName(record), record);
  return set;
}

/** What turns `before` into `after`. Records with equal bodies are not in it. */
export function diff(before: ResourceSet, after: ResourceSet): ResourceChange {
  const upserts: ResourceRecord[] = [];
  const removals: ResourceRef[] = [];
  for (const [name, record] of after) {
    const old = before.get(name);
    if (old === undefined || Buffer.compare(old.body, record.body) !== 0) upserts.push(record);
  }
  for (const [name, record] of before)
    if (!after.has(name)) removals.push({ kind: record.kind, id: record.id });
  return { upserts, removals };
}

/** A new set with the change applied. */
export function applyChange(set: ResourceSet, change: ResourceChange): Map<string, ResourceRecord> {
  const next = new Map(set);
  for (const ref of change.removals) next.delete(resourceName(ref));
  for (const record of change.upserts) next.set(resourceName(record), record);
  return next;
}
