/**
 * The one way to change anything: a use case validates and writes rows; the change log (snapshot/change-log.ts) and the
 * audit log are appended in the same transaction, and the publisher is woken after the commit. User errors roll
 * everything back.
 */
import { type Clock, err, ok } from "@latchkey/core";
import type { TraceScope } from "@latchkey/observe";
import type { ResourceKind, Revision } from "@latchkey/snapshot";
import type { Principal } from "../auth/principal.js";
import type { Db, Trx } from "../db/schema.js";
import { writeTransaction } from "../db/transaction.js";
import { StorageError } from "../errors/storage-error.js";
import type { Outcome, UserErrors } from "../errors/user-error.js";
import type { AuditTargetKind } from "../modules/audit/audit-entry.js";
import { AuditIds } from "../modules/audit/audit-id.js";
import type { Change, ChangeLog, ResourceSource } from "../snapshot/ports.js";

/** Who changes something, and in which request. */
export interface WorkContext {
  readonly principal: Principal;
  readonly requestId: string | null;
  /** Everything is done and then rolled back: shows what would come of it. */
  readonly dryRun?: boolean;
  /** Of a creation that the client may repeat; see idempotency.ts. */
  readonly idempotencyKey?: string | null;
}

/** What the audit log says of one change. `before` and `after` hold no secrets and no digests. */
export interface AuditDraft {
  /** `api.update` */
  readonly action: string;
  readonly targetKind: AuditTargetKind;
  readonly targetId: string;
  /** Of a key: its API. */
  readonly apiId?: string;
  readonly targetName: string;
  readonly subscriptionId: string | null;
  readonly before: object | null;
  readonly after: object | null;
}

/** One transaction as its use case sees it. */
export class UnitOfWork {
  readonly trx: Trx;
  readonly nowMs: number;
  readonly context: WorkContext;
  readonly #changes = new Map<string, Change>();
  readonly #audit: AuditDraft[] = [];
  readonly #effects: (() => void)[] = [];

  constructor(trx: Trx, nowMs: number, context: WorkContext) {
    this.trx = trx;
    this.nowMs = nowMs;
    this.context = context;
  }

  /** Nodes must learn the resource's new state. */
  upsert(kind: ResourceKind, id: string, options: { readonly revocation?: boolean } = {}): void {
    this.#change({ kind, id, op: "upsert", revocation: options.revocation ?? false });
  }

  /** Nodes must forget the resource. */
  remove(kind: ResourceKind, id: string, options: { readonly revocation?: boolean } = {}): void {
    this.#change({ kind, id, op: "remove", revocation: options.revocation ?? false });
  }

  audit(draft: AuditDraft): void {
    this.#audit.push(draft);
  }

  /** Once the transaction is committed: for what nodes need not know. Must not throw. */
  afterCommit(effect: () => void): void {
    this.#effects.push(effect);
  }

  get effects(): readonly (() => void)[] {
    return this.#effects;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  get audits(): readonly AuditDraft[] {
    return this.#audit;
  }

  #change(change: Change): void {
    const name = `${change.kind}/${change.id}`;
    const before = this.#changes.get(name);
    this.#changes.set(name, { ...change, revocation: change.revocation || before?.revocation === true });
  }
}

/** What was done, and the revision at which nodes know it. */
export interface Committed<T> {
  readonly value: T;
  readonly revision: Revision;
}

/** Carries user errors out of the transaction, so that it rolls back. */
class UserErrorSignal extends Error {
  readonly errors: UserErrors;
  constructor(errors: UserErrors) {
    super("user errors");
    this.errors = errors;
  }
}

/** Carries the result of a dry run out of the transaction, so that it rolls back. */
class DryRunSignal extends Error {
  readonly written: Committed<unknown>;
  constructor(written: Committed<unknown>) {
    super("dry run");
    this.written = written;
  }
}

export interface UnitOfWorkRunnerDeps {
  readonly db: Db;
  readonly changeLog: ChangeLog;
  readonly source: Pick<ResourceSource, "revision">;
  readonly clock: Clock;
  /** Null: nothing is traced. */
  readonly traces?: TraceScope | null;
}

export class UnitOfWorkRunner {
  readonly #deps: UnitOfWorkRunnerDeps;
  readonly #auditIds = new AuditIds();

  constructor(deps: UnitOfWorkRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * Runs one use case. `work` may run again when another process held the database, so its only effects are
   * on the scope. A full disk is returned as a user error; other storage errors are thrown.
   */
  async run<T>(
    context: WorkContext,
    work: (scope: UnitOfWork) => Promise<Outcome<T>>,
  ): Promise<Outcome<Committed<T>>> {
    const { db, changeLog, source, clock, traces = null } = this.#deps;
    try {
      let isNew = false;
      let effects: UnitOfWork["effects"] = [];
      const transaction = () =>
        writeTransaction(db, async (trx) => {
          const scope = new UnitOfWork(trx, clock.now(), context);
          const outcome = await work(scope);
          if (!outcome.ok) throw new UserErrorSignal(outcome.error);
          if (context.dryRun === true)
            throw new DryRunSignal({ value: outcome.value, revision: await source.revision(trx) });
          isNew = scope.changes.length > 0;
          effects = scope.effects;
          const revision = isNew ? await changeLog.append(trx, scope.changes) : await source.revision(trx);
          await insertAudit(this.#auditIds, scope, isNew ? revision : null);
          return { value: outcome.value, revision };
        });
      const written = await (traces === null ? transaction() : traces.child("transaction", transaction));
      if (isNew) changeLog.committed(written.revision);
      for (const effect of effects) effect();
      return ok(written);
    } catch (error) {
      if (error instanceof UserErrorSignal) return err(error.errors);
      if (error instanceof DryRunSignal) return ok(error.written as Committed<T>);
      if (error instanceof StorageError && error.code === "full") return storageFull;
      throw error;
    }
  }
}

const storageFull: Outcome<never> = err([
  {
    field: [],
    code: "STORAGE_FULL",
    message: "The control plane's disk is full: nothing was changed. Free some space and try again.",
  },
]);

/** A statement of SQLite has at most 32,766 parameters, and an import makes thousands of entries. */
const ROWS_AN_INSERT = 500;

async function insertAudit(ids: AuditIds, scope: UnitOfWork, revision: Revision | null): Promise<void> {
  const { audits, context, nowMs, trx } = scope;
  for (let i = 0; i < audits.length; i += ROWS_AN_INSERT)
    await trx
      .insertInto("audit_log")
      .values(
        audits.slice(i, i + ROWS_AN_INSERT).map((draft) => ({
          id: ids.next(nowMs),
          at_ms: nowMs,
          actor: context.principal.actor,
          action: draft.action,
          target_kind: draft.targetKind,
          target_id: draft.targetId,
          api_id: draft.apiId ?? (draft.targetKind === "api" ? draft.targetId : null),
          target_name: draft.targetName,
          subscription_id: draft.subscriptionId,
          before: draft.before === null ? null : JSON.stringify(draft.before),
          after: draft.after === null ? null : JSON.stringify(draft.after),
          epoch: revision?.epoch ?? null,
          number: revision?.number ?? null,
          request_id: context.requestId,
          address: context.principal.address ?? null,
        })),
      )
      .execute();
}
