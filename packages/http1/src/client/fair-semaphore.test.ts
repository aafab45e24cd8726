import { describe, expect, it } from "vitest";
import { FairSemaphore, HELD, NO_PERMIT, type PermitHolder, type Share } from "./fair-semaphore.js";

class Waiter implements PermitHolder {
  readonly name: string;
  readonly share: Share;
  permit = NO_PERMIT;
  waitDeadline = 0;

  constructor(name: string, share: Share) {
    this.name = name;
    this.share = share;
  }
}

/** Takes permits until no more may be taken; how many. */
function fill(permits: FairSemaphore<Waiter>, group: string, member: string): Waiter[] {
  const taken: Waiter[] = [];
  const share = permits.shareOf(group, member);
  while (permits.mayAcquire(share)) {
    const waiter = new Waiter(`${group}/${member}/${taken.length}`, share);
    permits.acquire(waiter);
    taken.push(waiter);
  }
  return taken;
}

function wait(
  permits: FairSemaphore<Waiter>,
  group: string,
  member: string,
  name: string,
  deadline = 9,
): Waiter {
  const waiter = new Waiter(name, permits.shareOf(group, member));
  permits.enqueue(waiter, deadline);
  return waiter;
}

describe("a fair semaphore", () => {
  it("leave permits for those that hold none, however many others take what they may", () => {
    const permits = new FairSemaphore<Waiter>(512, 1_024);
    const first = fill(permits, "api 1", "key 1");
    expect(first.length).toBe(308);
    for (let i = 2; i <= 4; i++) expect(fill(permits, "api 1", `key ${i}`).length).toBeGreaterThan(0);
    for (let i = 2; i <= 5; i++) expect(fill(permits, `api ${i}`, "key 1").length).toBeGreaterThan(0);
  });

  it("let one member of a small pool have a permit", () => {
    for (const max of [1, 2, 3, 10]) {
      const permits = new FairSemaphore<Waiter>(max, 10);
      expect(fill(permits, "api", "key").length).toBeGreaterThan(0);
    }
  });

  it("do not limit who belongs to no group", () => {
    const permits = new FairSemaphore<Waiter>(3, 2);
    const share = permits.shareOf(undefined, "");
    for (let i = 0; i < 3; i++) {
      expect(permits.mayAcquire(share)).toBe(true);
      permits.acquire(new Waiter("", share));
    }
    expect(permits.mayAcquire(share)).toBe(false);
    wait(permits, undefined as unknown as string, "", "a");
    wait(permits, undefined as unknown as string, "", "b");
    expect(permits.mayWait(share)).toBe(false);
  });

  it("serve groups in turn, members of a group in turn, and each member's requests in order", () => {
    const permits = new FairSemaphore<Waiter>(100, 100);
    const held = fill(permits, "api 1", "key 1");
    for (let i = 0; i < 6; i++) wait(permits, "api 1", "key 1", `1.1.${i}`);
    for (let i = 0; i < 2; i++) wait(permits, "api 1", "key 2", `1.2.${i}`);
    for (let i = 0; i < 2; i++) wait(permits, "api 2", "key 3", `2.3.${i}`);
    for (const waiter of held) permits.release(waiter);
    const order: string[] = [];
    for (let next = permits.dequeue(); next !== null; next = permits.dequeue()) order.push(next.name);
    expect(order).toEqual([
      "1.1.0",
      "2.3.0",
      "1.2.0",
      "2.3.1",
      "1.1.1",
      "1.2.1",
      "1.1.2",
      "1.1.3",
      "1.1.4",
      "1.1.5",
    ]);
    expect(permits.waiting).toBe(0);
  });

  it("pass over a member that holds its part", () => {
    const permits = new FairSemaphore<Waiter>(10, 100);
    fill(permits, "api 1", "key 1");
    wait(permits, "api 1", "key 1", "greedy");
    wait(permits, "api 2", "key 2", "modest");
    expect(permits.dequeue()?.name).toBe("modest");
    expect(permits.dequeue()).toBe(null);
    expect(permits.waiting).toBe(1);
  });

  it("share the places in line in the same way", () => {
    const permits = new FairSemaphore<Waiter>(1, 100);
    const greedy = permits.shareOf("api 1", "key 1");
    let count = 0;
    while (permits.mayWait(greedy)) wait(permits, "api 1", "key 1", String(count++));
    expect(count).toBe(60);
    expect(permits.mayWait(permits.shareOf("api 1", "key 2"))).toBe(true);
    expect(permits.mayWait(permits.shareOf("api 2", "key 1"))).toBe(true);
  });

  it("let a member that waited in vain wait no more before it gets a permit", () => {
    const permits = new FairSemaphore<Waiter>(1, 100);
    const holder = new Waiter("holder", permits.shareOf("api 1", "key 1"));
    permits.acquire(holder);
    wait(permits, "api 1", "key 1", "early", 5);
    wait(permits, "api 1", "key 1", "late", 6);
    wait(permits, "api 2", "key 2", "other", 9);
    expect(permits.expire(4)).toEqual([]);
    expect(permits.expire(5).map(({ name }) => name)).toEqual(["early"]);
    expect(permits.mayWait(holder.share)).toBe(false);
    expect(permits.mayWait(permits.shareOf("api 2", "key 2"))).toBe(true);
    permits.release(holder);
    const next = permits.dequeue() as Waiter;
    expect(next.name).toBe("late");
    permits.acquire(next);
    expect(next.permit).toBe(HELD);
    expect(permits.mayWait(holder.share)).toBe(true);
  });

  it("skip who left the line, and forget members that have nothing", () => {
    const permits = new FairSemaphore<Waiter>(10, 1_000);
    const waiters = Array.from({ length: 50 }, (_, i) => wait(permits, "api 1", "key 1", String(i)));
    for (const waiter of waiters.slice(0, 48)) permits.release(waiter);
    expect(permits.waiting).toBe(2);
    expect([permits.dequeue()?.name, permits.dequeue()?.name, permits.dequeue()]).toEqual(["48", "49", null]);
    const share = permits.shareOf("api 1", "key 1");
    permits.sweep();
    expect(permits.shareOf("api 1", "key 1")).not.toBe(share);
    const holder = new Waiter("", permits.shareOf("api 1", "key 1"));
    permits.acquire(holder);
    permits.sweep();
    expect(permits.shareOf("api 1", "key 1")).toBe(holder.share);
  });
});
