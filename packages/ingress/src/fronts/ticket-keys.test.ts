import { afterEach, expect, it, vi } from "vitest";
import { TICKET_KEYS_MS, TicketKeys } from "./ticket-keys.js";

afterEach(() => {
  vi.useRealTimers();
});

it("makes new keys twice a day, until it is stopped", () => {
  vi.useFakeTimers();
  const rotated: Buffer[] = [];
  const keys = new TicketKeys((one) => rotated.push(one));
  const first = keys.current;
  keys.start();
  vi.advanceTimersByTime(TICKET_KEYS_MS - 1);
  expect(rotated).toEqual([]);
  vi.advanceTimersByTime(1 + TICKET_KEYS_MS);
  expect(new Set([first, ...rotated].map((one) => one.toString("hex"))).size).toBe(3);
  expect(keys.current).toBe(rotated[1]);
  keys.stop();
  vi.advanceTimersByTime(TICKET_KEYS_MS);
  expect(rotated).toHaveLength(2);
});
