import { describe, expect, it } from "vitest";
import { FairSeats, SEATED, type Seatable, type Share, UNSEATED } from "./fair-seats.js";

class Waiter implements Seatable {
  readonly name: string;
  readonly share: Share;
  seat = UNSEATED;
  waitDeadline = 0;

  constructor(name: string, share: Share) {
    this.name = name;
    this.share = share;
  }
}

/** Takes seats until no more may be taken; how many. */
function fill(seats: FairSeats<Waiter>, group: string, member: string): Waiter[] {
  const taken: Waiter[] = [];
  const share = seats.shareOf(group, member);
  while (seats.mayTake(share)) {
    const waiter = new Waiter(`${group}/${member}/${taken.length}`, share);
    seats.take(waiter);
    taken.push(waiter);
  }
  return taken;
}

function wait(seats: FairSeats<Waiter>, group: string, member: string, name: string, deadline = 9): Waiter {
  const waiter = new Waiter(name, seats.shareOf(group, member));
  seats.wait(waiter, deadline);
  return waiter;
}

describe("fair seats", () => {
  it("leave seats for whoever holds none, however many others take what they may", () => {
    const seats = new FairSeats<Waiter>(512, 1_024);
    const first = fill(seats, "api 1", "key 1");
    expect(first.length).toBe(308);
    for (let i = 2; i <= 4; i++) expect(fill(seats, "api 1", `key ${i}`).length).toBeGreaterThan(0);
    for (let i = 2; i <= 5; i++) expect(fill(seats, `api ${i}`, "key 1").length).toBeGreaterThan(0);
  });

  it("let one member of a small pool have a seat", () => {
    for (const max of [1, 2, 3, 10]) {
      const seats = new FairSeats<Waiter>(max, 10);
      expect(fill(seats, "api", "key").length).toBeGreaterThan(0);
    }
  });

  it("do not limit who belongs to no group", () => {
    const seats = new FairSeats<Waiter>(3, 2);
    const share = seats.shareOf(undefined, "");
    for (let i = 0; i < 3; i++) {
      expect(seats.mayTake(share)).toBe(true);
      seats.take(new Waiter("", share));
    }
    expect(seats.mayTake(share)).toBe(false);
    wait(seats, undefined as unknown as string, "", "a");
    wait(seats, undefined as unknown as string, "", "b");
    expect(seats.mayWait(share)).toBe(false);
  });

  it("serve groups in turn, members of a group in turn, and each member's requests in order", () => {
    const seats = new FairSeats<Waiter>(100, 100);
    const held = fill(seats, "api 1", "key 1");
    for (let i = 0; i < 6; i++) wait(seats, "api 1", "key 1", `1.1.${i}`);
    for (let i = 0; i < 2; i++) wait(seats, "api 1", "key 2", `1.2.${i}`);
    for (let i = 0; i < 2; i++) wait(seats, "api 2", "key 3", `2.3.${i}`);
    for (const waiter of held) seats.giveBack(waiter);
    const order: string[] = [];
    for (let next = seats.next(); next !== null; next = seats.next()) order.push(next.name);
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
    expect(seats.waiting).toBe(0);
  });

  it("pass over a member that holds its part", () => {
    const seats = new FairSeats<Waiter>(10, 100);
    fill(seats, "api 1", "key 1");
    wait(seats, "api 1", "key 1", "greedy");
    wait(seats, "api 2", "key 2", "modest");
    expect(seats.next()?.name).toBe("modest");
    expect(seats.next()).toBe(null);
    expect(seats.waiting).toBe(1);
  });

  it("share the places in line in the same way", () => {
    const seats = new FairSeats<Waiter>(1, 100);
    const greedy = seats.shareOf("api 1", "key 1");
    let count = 0;
    while (seats.mayWait(greedy)) wait(seats, "api 1", "key 1", String(count++));
    expect(count).toBe(60);
    expect(seats.mayWait(seats.shareOf("api 1", "key 2"))).toBe(true);
    expect(seats.mayWait(seats.shareOf("api 2", "key 1"))).toBe(true);
  });

  it("let a member that waited in vain wait no more before it gets a seat", () => {
    const seats = new FairSeats<Waiter>(1, 100);
    const holder = new Waiter("holder", seats.shareOf("api 1", "key 1"));
    seats.take(holder);
    wait(seats, "api 1", "key 1", "early", 5);
    wait(seats, "api 1", "key 1", "late", 6);
    wait(seats, "api 2", "key 2", "other", 9);
    expect(seats.expire(4)).toEqual([]);
    expect(seats.expire(5).map(({ name }) => name)).toEqual(["early"]);
    expect(seats.mayWait(holder.share)).toBe(false);
    expect(seats.mayWait(seats.shareOf("api 2", "key 2"))).toBe(true);
    seats.giveBack(holder);
    const next = seats.next() as Waiter;
    expect(next.name).toBe("late");
    seats.take(next);
    expect(next.seat).toBe(SEATED);
    expect(seats.mayWait(holder.share)).toBe(true);
  });

  it("skip who left the line, and forget members that have nothing", () => {
    const seats = new FairSeats<Waiter>(10, 1_000);
    const waiters = Array.from({ length: 50 }, (_, i) => wait(seats, "api 1", "key 1", String(i)));
    for (const waiter of waiters.slice(0, 48)) seats.giveBack(waiter);
    expect(seats.waiting).toBe(2);
    expect([seats.next()?.name, seats.next()?.name, seats.next()]).toEqual(["48", "49", null]);
    const share = seats.shareOf("api 1", "key 1");
    seats.sweep();
    expect(seats.shareOf("api 1", "key 1")).not.toBe(share);
    const holder = new Waiter("", seats.shareOf("api 1", "key 1"));
    seats.take(holder);
    seats.sweep();
    expect(seats.shareOf("api 1", "key 1")).toBe(holder.share);
  });
});
