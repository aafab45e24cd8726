import { describe, expect, it } from "vitest";
import { type BudgetMember, ConnectionBudget, ConnectionShare } from "./connection-budget.js";

class Member implements BudgetMember {
  idle = 0;
  open = 0;
  returned = 0;
  readonly share: ConnectionShare;

  constructor(share: ConnectionShare) {
    this.share = share;
  }

  /** False: it may not. */
  openOne(): boolean {
    if (!this.share.mayOpen(this)) return false;
    this.share.opened(this);
    this.open++;
    return true;
  }

  closeOne(): void {
    this.open--;
    this.share.closed(this, this.open === 0);
  }

  dropIdle(): boolean {
    if (this.idle === 0) return false;
    this.idle--;
    this.closeOne();
    return true;
  }

  roomReturned(): void {
    this.returned++;
  }
}

describe("the budget of connections", () => {
  it("leaves connections for an owner that has none", () => {
    const budget = new ConnectionBudget(100);
    const greedy = new Member(new ConnectionShare(budget));
    while (greedy.openOne());
    expect(greedy.open).toBe(75);
    for (let i = 0; i < 10; i++) expect(new Member(new ConnectionShare(budget)).openOne()).toBe(true);
    expect(budget.used).toBe(85);
  });

  it("is kept by an owner over all its pools", () => {
    const budget = new ConnectionBudget(8);
    const share = new ConnectionShare(budget);
    const pools = [new Member(share), new Member(share)] as const;
    while (pools[0].openOne() || pools[1].openOne());
    expect([pools[0].open + pools[1].open, share.held, budget.used]).toEqual([6, 6, 6]);
  });

  it("closes an idle connection for one that is needed", () => {
    const budget = new ConnectionBudget(2);
    const idler = new Member(new ConnectionShare(budget));
    idler.openOne();
    idler.openOne();
    expect(idler.open).toBe(2);
    const other = new Member(new ConnectionShare(budget));
    expect(other.openOne()).toBe(false);
    idler.idle = 1;
    expect(other.openOne()).toBe(true);
    expect([idler.open, other.open, budget.used]).toEqual([1, 1, 2]);
  });

  it("tells those it refused when a connection is closed", () => {
    const budget = new ConnectionBudget(1);
    const holder = new Member(new ConnectionShare(budget));
    const refused = new Member(new ConnectionShare(budget));
    holder.openOne();
    expect(refused.openOne()).toBe(false);
    holder.closeOne();
    expect([refused.returned, refused.openOne()]).toEqual([1, true]);
  });
});
