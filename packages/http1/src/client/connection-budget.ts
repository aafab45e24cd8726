// How many connections all pools of a process may have open together, shared among those who own pools (subscriptions)
// by the rule of fair-semaphore.ts. An idle connection of another pool gives way to one that is needed.

/** An owner may hold this many times the connections that are left. */
const SHARE_RATIO = 3;

/** A pool as the budget sees it. */
export interface BudgetMember {
  /** Closes an idle connection; false when there is none. */
  dropIdle(): boolean;
  /** There may be room again. */
  roomReturned(): void;
}

/** What one owner holds, over all its pools. */
export class ConnectionShare {
  readonly #budget: ConnectionBudget;
  held = 0;

  constructor(budget: ConnectionBudget) {
    this.#budget = budget;
  }

  /** Whether one more connection may be opened; if not, `roomReturned` follows. */
  mayOpen(member: BudgetMember): boolean {
    return this.#budget.mayOpen(this, member);
  }

  opened(member: BudgetMember): void {
    this.#budget.opened(this, member);
  }

  /** @param isLast the member has no other connection */
  closed(member: BudgetMember, isLast: boolean): void {
    this.#budget.closed(this, member, isLast);
  }
}

export class ConnectionBudget {
  readonly #max: number;
  #used = 0;
  /** Those with connections; who has had to give way goes to the end. */
  readonly #members = new Set<BudgetMember>();
  readonly #refused = new Set<BudgetMember>();

  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  mayOpen(share: ConnectionShare, member: BudgetMember): boolean {
    if (this.#fits(share) || (this.#makeRoom() && this.#fits(share))) return true;
    this.#refused.add(member);
    return false;
  }

  opened(share: ConnectionShare, member: BudgetMember): void {
    share.held++;
    this.#used++;
    this.#members.add(member);
  }

  closed(share: ConnectionShare, member: BudgetMember, isLast: boolean): void {
    share.held--;
    this.#used--;
    if (isLast) this.#members.delete(member);
    if (this.#refused.size === 0) return;
    const refused = [...this.#refused];
    this.#refused.clear();
    for (const each of refused) each.roomReturned();
  }

  #fits(share: ConnectionShare): boolean {
    return share.held < SHARE_RATIO * (this.#max - this.#used);
  }

  #makeRoom(): boolean {
    for (const member of this.#members) {
      if (!member.dropIdle()) continue;
      if (this.#members.delete(member)) this.#members.add(member);
      return true;
    }
    return false;
  }
}
