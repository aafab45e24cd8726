/** Who is cut to make room. */
import { expect, test } from "vitest";
import { IdleConnections } from "./idle-connections.js";

function make(perAddressMax: number, totalMax: number, idleMs = 1_000) {
  const cut: string[] = [];
  const idle = new IdleConnections({ perAddressMax, totalMax, idleMs });
  const add = (address: string, port: number, nowMs = 0) => {
    const peer = `${address}:${port}`;
    return idle.add(peer, address, nowMs, () => cut.push(peer));
  };
  return { idle, add, cut };
}

test("the oldest of an address that has too many is cut, those of one IPv6 network together", () => {
  const { add, cut, idle } = make(2, 100);
  for (const port of [1, 2, 3]) add("192.0.2.1", port);
  expect(cut).toEqual(["192.0.2.1:1"]);
  for (const port of [1, 2, 3]) add(`2001:db8::${port}`, port);
  expect(cut).toEqual(["192.0.2.1:1", "2001:db8::1:1"]);
  expect(idle.count).toBe(4);
});

test("when there are too many in all, the address that has the most gives one", () => {
  const { add, cut } = make(100, 4);
  add("192.0.2.9", 1);
  for (const port of [1, 2, 3, 4, 5]) add("192.0.2.1", port);
  expect(cut).toEqual(["192.0.2.1:1", "192.0.2.1:2"]);
});

test("those that are used are not cut, and those whose time is over are", () => {
  const { add, cut, idle } = make(100, 100);
  add("192.0.2.1", 1, 0);
  add("192.0.2.1", 2, 0);
  add("192.0.2.1", 3, 500);
  idle.remove("192.0.2.1:2");
  expect(idle.cutLate(999)).toBe(0);
  expect(idle.cutLate(1_000)).toBe(1);
  expect(cut).toEqual(["192.0.2.1:1"]);
  expect(idle.cutOne()).toBe(1);
  expect(idle.cutOne()).toBe(0);
  expect(idle.count).toBe(0);
});
