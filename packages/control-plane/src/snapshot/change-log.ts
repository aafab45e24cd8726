/**
 * Revisions in commit order, and what changed between two. The revision is one row updated in the same transaction
 * as the change, so its order is the commit order (a sequence would not promise that).
 * Knows names only: bodies are read when they are sent. Returns null for a gap.
 */
import type { Clock } from "@latchkey/core";
import type { ResourceKind, Revision } from "@latchkey/snapshot";
import { bit, type Db, type Trx } from "../db/schema.js";
import type { Change, ChangeLog } from "./ports.js";

/** Rows kept. A node that was away for longer gets a full snapshot. */
const ROWS_MAX = 100_000;
/** Trimming reads an index far down, so it is done once in so many revisions. */
const TRIM_EVERY = 256;
/** Rows of one result; beyond that a full snapshot is cheaper. */
const RANGE_ROWS_MAX = 20_000;
/** Rows a statement: SQLite allows 32 766 parameters. */
const INSERT_ROWS_MAX = 2_000;

/** A commit as the publisher hears of it. */
export interface Commit {
  readonly revision: Revision;
  /** Something in it takes access away. */
  readonly revocation: boolean;
  readonly atMs: number;
}

/** What changed after one revision up to another; one entry a resource, revocations first. */
export interface ChangeRange {
  readonly to: Revision;
  readonly changes: readonly Change[];
}

export interface ChangeLogOptions {
  readonly clock: Clock;
  /** Rows kept, at least the newest revision. */
  readonly rowsMax?: number;
}

export class SqlChangeLog implements ChangeLog {
  readonly #clock: Clock;
  readonly #rowsMax: number;
  readonly #listeners = new Set<(commit: Commit) => void>();
  /** Revisions appended and not yet reported as committed, and whether they revoke. A rolled back one is overwritten. */
  readonly #pending = new Map<number, boolean>();

  constructor(options: ChangeLogOptions) {
    this.#clock = options.clock;
    this.#rowsMax = options.rowsMax ?? ROWS_MAX;
  }

  /** Calls `listener` for each commit of this process, in order. Returns what ends it. */
  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async append(trx: Trx, changes: readonly Change[]): Promise<Revision> {
    const { epoch, number } = await trx
      .updateTable("revision")
      .set((eb) => ({ number: eb("number", "+", 1) }))
      .where("id", "=", 1)
      .returning(["epoch", "number"])
      .executeTakeFirstOrThrow();
    const atMs = this.#clock.now();
    const rows = changes.map((change, ordinal) => ({
      epoch,
      number,
      ordinal,
      kind: change.kind,
      resource_id: change.id,
      op: change.op,
      revocation: bit(change.revocation),
      at_ms: atMs,
    }));
    for (let i = 0; i < rows.length; i += INSERT_ROWS_MAX)
      await trx
        .insertInto("change_log")
        .values(rows.slice(i, i + INSERT_ROWS_MAX))
        .execute();
    if (number % TRIM_EVERY === 0) await this.#trim(trx, epoch, number);
    this.#pending.set(
      number,
      changes.some((change) => change.revocation),
    );
    return { epoch, number };
  }

  committed(revision: Revision): void {
    let revocation = false;
    for (const [number, revokes] of this.#pending) {
      if (number > revision.number) continue;
      this.#pending.delete(number);
      revocation ||= revokes;
    }
    const commit: Commit = { revision, revocation, atMs: this.#clock.now() };
    for (const listener of this.#listeners) listener(commit);
  }

  /** The newest committed revision. */
  async revision(db: Db): Promise<Revision> {
    return db
      .selectFrom("revision")
      .select(["epoch", "number"])
      .where("id", "=", 1)
      .executeTakeFirstOrThrow();
  }

  /**
   * What changed after `from`, merged. Null when the log cannot tell: another epoch, a revision from the future, rows
   * already trimmed, or more of them than a delta is good for. Call it in a read transaction.
   */
  async changesSince(trx: Db, from: Revision): Promise<ChangeRange | null> {
    const to = await this.revision(trx);
    if (from.epoch !== to.epoch || from.number > to.number) return null;
    if (from.number === to.number) return { to, changes: [] };
    const rows = await trx
      .selectFrom("change_log")
      .select(["number", "kind", "resource_id", "op", "revocation"])
      .where("epoch", "=", to.epoch)
      .where("number", ">", from.number)
      .orderBy("number")
      .orderBy("ordinal")
      .limit(RANGE_ROWS_MAX + 1)
      .execute();
    // Every revision has at least one row, so the first one after `from` shows whether the log reaches back that far.
    if (rows[0]?.number !== from.number + 1 || rows.length > RANGE_ROWS_MAX) return null;
    const merged = new Map<string, Change>();
    for (const row of rows) {
      const name = `${row.kind}/${row.resource_id}`;
      merged.set(name, {
        kind: row.kind as ResourceKind,
        id: row.resource_id,
        op: row.op,
        revocation: row.revocation === 1 || merged.get(name)?.revocation === true,
      });
    }
    return { to, changes: revocationsFirst([...merged.values()]) };
  }

  async #trim(trx: Trx, epoch: number, newest: number): Promise<void> {
    const oldest = await trx
      .selectFrom("change_log")
      .select(["epoch", "number"])
      .orderBy("epoch", "desc")
      .orderBy("number", "desc")
      .orderBy("ordinal", "desc")
      .offset(this.#rowsMax)
      .limit(1)
      .executeTakeFirst();
    // Whole revisions only, or the first row would lie about how far the log reaches.
    const floor = oldest?.epoch === epoch ? Math.min(oldest.number, newest - 1) : 0;
    await trx
      .deleteFrom("change_log")
      .where((eb) =>
        eb.or([eb("epoch", "<", epoch), eb.and([eb("epoch", "=", epoch), eb("number", "<=", floor)])]),
      )
      .execute();
  }
}

/** The same entries, those that take access away in front; otherwise in order. */
export function revocationsFirst<T extends { readonly revocation: boolean }>(
  changes: readonly T[],
): readonly T[] {
  return changes.some((change) => change.revocation)
    ? [...changes.filter((change) => change.revocation), ...changes.filter((change) => !change.revocation)]
    : changes;
}
