/** Use cases of subscriptions. Nodes know nothing of a subscription's name, so none of these makes a revision. */
import { newId, ok } from "@latchkey/core";
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
import { notFound, type Outcome, Problems, userError } from "../../errors/user-error.js";
import { withIdempotencyKey } from "../../unit-of-work/idempotency.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import { checkVersion } from "../../unit-of-work/version-check.js";
import { checkSubscriptionName, type Subscription } from "./subscription.js";
import {
  countSubscriptions,
  deleteSubscription,
  findSubscription,
  findSubscriptions,
  insertSubscription,
  pageSubscriptions,
  type SubscriptionFilter,
  type SubscriptionOrder,
  updateSubscription,
} from "./subscription-store.js";

export interface CreateSubscription {
  readonly name: string;
}

export interface UpdateSubscription {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  readonly name: string;
}

export interface DeleteSubscription {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** How much still belongs to a subscription. */
export interface SubscriptionContents {
  count(
    db: Db,
    subscriptionId: string,
  ): Promise<{
    readonly apis: number;
    readonly integrations: number;
    readonly credentials: number;
  }>;
}

export class SubscriptionService {
  readonly #db: Db;
  readonly #units: UnitOfWorkRunner;
  readonly #contents: SubscriptionContents;

  constructor(deps: {
    readonly db: Db;
    readonly units: UnitOfWorkRunner;
    readonly contents: SubscriptionContents;
  }) {
    this.#db = deps.db;
    this.#units = deps.units;
    this.#contents = deps.contents;
  }

  find(id: string, db: Db = this.#db): Promise<Subscription | null> {
    return findSubscription(db, id);
  }

  findMany(ids: readonly string[]): Promise<readonly Subscription[]> {
    return findSubscriptions(this.#db, ids);
  }

  page(
    filter: SubscriptionFilter,
    order: SubscriptionOrder,
    request: PageRequest,
  ): Promise<Page<Subscription>> {
    return pageSubscriptions(this.#db, filter, order, request);
  }

  count(filter: SubscriptionFilter): Promise<number> {
    return countSubscriptions(this.#db, filter);
  }

  create(context: WorkContext, input: CreateSubscription): Promise<Outcome<Committed<Subscription>>> {
    return this.#units.run(context, (scope) =>
      withIdempotencyKey<Subscription>(scope, {
        action: "subscription.create",
        input,
        create: () => this.#createNew(scope, input),
        idOf: ({ id }) => id,
        find: (id) => findSubscription(scope.trx, id),
      }),
    );
  }

  async #createNew(scope: UnitOfWork, input: CreateSubscription): Promise<Outcome<Subscription>> {
    const problems = new Problems();
    const name = checkSubscriptionName(problems, input.name);
    if (problems.any) return problems.failure();
    const subscription: Subscription = {
      id: newId("subscription"),
      name,
      version: 1,
      createdAtMs: scope.nowMs,
      updatedAtMs: scope.nowMs,
    };
    await insertSubscription(scope.trx, subscription);
    audit(scope, "create", null, subscription);
    return ok(subscription);
  }

  update(context: WorkContext, input: UpdateSubscription): Promise<Outcome<Committed<Subscription>>> {
    return this.#units.run(context, async (scope) => {
      const before = await findSubscription(scope.trx, input.id);
      if (before === null) return notFound(["input", "id"], "subscription");
      const stale = checkVersion(before, input.expectedVersion);
      if (stale !== null) return stale;
      const problems = new Problems();
      const name = checkSubscriptionName(problems, input.name);
      if (problems.any) return problems.failure();
      if (name === before.name) return ok(before);
      const after: Subscription = { ...before, name, version: before.version + 1, updatedAtMs: scope.nowMs };
      await updateSubscription(scope.trx, after);
      audit(scope, "update", before, after);
      return ok(after);
    });
  }

  /** Only an empty subscription can be deleted. */
  delete(context: WorkContext, input: DeleteSubscription): Promise<Outcome<Committed<Subscription>>> {
    return this.#units.run(context, async (scope) => {
      const subscription = await findSubscription(scope.trx, input.id);
      if (subscription === null) return notFound(["input", "id"], "subscription");
      const stale = checkVersion(subscription, input.expectedVersion);
      if (stale !== null) return stale;
      const { apis, integrations, credentials } = await this.#contents.count(scope.trx, subscription.id);
      if (apis > 0 || integrations > 0 || credentials > 0)
        return userError(
          "IN_USE",
          ["input", "id"],
          `The subscription still has ${counted(apis, "API")}, ${counted(integrations, "integration")} and ${counted(credentials, "credential")}: delete those first.`,
        );
      await deleteSubscription(scope.trx, subscription.id);
      audit(scope, "delete", subscription, null);
      return ok(subscription);
    });
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function audit(
  scope: UnitOfWork,
  verb: "create" | "update" | "delete",
  before: Subscription | null,
  after: Subscription | null,
): void {
  const subject = after ?? before;
  if (subject === null) return;
  scope.audit({
    action: `subscription.${verb}`,
    targetKind: "subscription",
    targetId: subject.id,
    targetName: subject.name,
    subscriptionId: subject.id,
    before: before === null ? null : { name: before.name },
    after: after === null ? null : { name: after.name },
  });
}
