/**
 * Begins a new epoch when the database turns out to be older than what nodes hold: it was restored by copying files, or
 * from a dump (docs/adr/0673). Within an old epoch nodes refuse lower numbers, so no change would be enforced until the
 * numbers had caught up. A node's word counts once in the life of this process; nobody can force epoch after epoch.
 */
import { type Clock, ok } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import { compareRevisions, formatRevision, type Revision } from "@latchkey/snapshot";
import type { UnitOfWorkRunner } from "../unit-of-work/unit-of-work.js";

/** An epoch is the time at which it began. One further in the future than clocks are apart is not believed. */
const CLOCKS_APART_MS_MAX = 86_400_000;

export const EPOCH_BEGIN_ACTION = "epoch.begin";
/** Target of the audit entry. */
export const DATABASE_TARGET = "database";

/** What shows that the database is older than it was. */
export interface SetBackEvidence {
  /** The revision that exists somewhere. */
  readonly held: Revision;
  /** The node that holds it; null: this process read it from the database before. */
  readonly nodeId: string | null;
}

export class EpochGuard {
  readonly #units: UnitOfWorkRunner;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Nodes whose word has counted. */
  readonly #heard = new Set<string>();

  constructor(deps: { readonly units: UnitOfWorkRunner; readonly clock: Clock; readonly logger: Logger }) {
    this.#units = deps.units;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  /** True when the database is in another epoch now than when the evidence was found. @throws StorageError */
  async setBack({ held, nodeId }: SetBackEvidence): Promise<boolean> {
    const refusal = this.#refusal(held, nodeId);
    if (refusal !== null) {
      this.#logger.error({ node: nodeId, held: formatRevision(held), reason: refusal }, NOT_BEGUN);
      return false;
    }
    if (nodeId !== null) this.#heard.add(nodeId);
    const context = { principal: { actor: "control-plane", via: "internal" }, requestId: null } as const;
    const outcome = await this.#units.run(context, async (scope) => {
      const found = await scope.trx
        .selectFrom("revision")
        .select(["epoch", "number"])
        .where("id", "=", 1)
        .executeTakeFirstOrThrow();
      // Another control plane, or another node's word, was first.
      if (compareRevisions(found, held) >= 0) return ok(null);
      const begun: Revision = { epoch: Math.max(scope.nowMs, held.epoch + 1, found.epoch + 1), number: 0 };
      await scope.trx.updateTable("revision").set(begun).execute();
      await scope.trx.deleteFrom("change_log").execute();
      scope.audit({
        action: EPOCH_BEGIN_ACTION,
        targetKind: DATABASE_TARGET,
        targetId: DATABASE_TARGET,
        targetName: "database",
        subscriptionId: null,
        before: { epoch: found.epoch, number: found.number },
        after: { ...begun, heldEpoch: held.epoch, heldNumber: held.number, node: nodeId },
      });
      return ok({ found, begun });
    });
    if (!outcome.ok) return false;
    const { value } = outcome.value;
    if (value !== null)
      this.#logger.error(
        {
          node: nodeId,
          held: formatRevision(held),
          found: formatRevision(value.found),
          begun: formatRevision(value.begun),
        },
        "THE DATABASE WENT BACK: it was restored from an older state. A new epoch began and all nodes are filled anew. Changes made after that state are lost: check revoked keys",
      );
    return true;
  }

  /** Why the evidence is not believed, or null. */
  #refusal(held: Revision, nodeId: string | null): string | null {
    if (held.epoch > this.#clock.now() + CLOCKS_APART_MS_MAX) return "its epoch lies in the future";
    if (nodeId !== null && this.#heard.has(nodeId)) return "this node has caused a new epoch before";
    return null;
  }
}

const NOT_BEGUN =
  "a node holds a newer revision than the database, and is not believed. If the database was restored, restart the control plane; if not, give the node another token";
