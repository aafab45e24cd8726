/**
 * The ports between the modules, which change things, and the stream, which sends the changes to nodes.
 * The modules implement ResourceSource, the stream implements ChangeLog. Types only.
 */
import type { ResourceKind, ResourceRecord, ResourceRef, Revision } from "@latchkey/snapshot";
import type { Db, Trx } from "../db/schema.js";

/** One resource that nodes must learn about, or forget. */
export interface Change {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly op: "upsert" | "remove";
  /** Takes access away (key disabled, deleted, expired, regenerated): goes out ahead of everything else. */
  readonly revocation: boolean;
}

export interface ChangeLog {
  /**
   * In the caller's transaction: bumps `revision` by one row `UPDATE … RETURNING` and appends one row a change,
   * in the order given. `changes` is never empty and names no resource twice.
   */
  append(trx: Trx, changes: readonly Change[]): Promise<Revision>;
  /** After the commit, in commit order: wakes the publisher. Returns at once and never throws. */
  committed(revision: Revision): void;
}

/** Resources together with the revision they stand at. */
export interface LoadedResources {
  readonly revision: Revision;
  /** Encodes what was read. Outside of the transaction, which holds SQLite's only connection. */
  records(): Promise<readonly ResourceRecord[]>;
}

export interface ResourceSource {
  /**
   * Every resource, in slices of some hundred and in no promised order. Each slice is a short read of its own, so
   * that a mutation never waits for the whole: the slices need not stand at one revision, because the stream
   * reads the revision first and replays the change log over them. Yields to the event loop between slices.
   */
  loadAll(): AsyncIterable<readonly ResourceRecord[]>;
  /**
   * The named resources as they are now, in no particular order; one that is gone is left out.
   * Read in the caller's transaction, together with the change log's rows.
   */
  load(refs: readonly ResourceRef[], trx: Db): Promise<LoadedResources>;
  /** The newest committed revision. */
  revision(trx?: Db): Promise<Revision>;
}
