import { describe, expect, it } from "vitest";
import { InFlight } from "../limits/in-flight.js";
import { BufferedBytes } from "./buffered-bytes.js";

describe("room for bodies", () => {
  it("is bounded, and one subscription leaves some for the next", () => {
    const room = new BufferedBytes(1_000);
    const greedy = new InFlight();
    while (room.take(greedy, 10));
    expect([greedy.bufferedBytes, room.bytes]).toEqual([750, 750]);
    const modest = new InFlight();
    expect(room.take(modest, 200)).toBe(true);
    expect(room.take(new InFlight(), 51)).toBe(false);
    room.giveBack(greedy, 700);
    expect([greedy.bufferedBytes, room.bytes, room.take(modest, 51)]).toEqual([50, 250, true]);
  });

  it("takes a body as large as all of it when nobody else has one", () => {
    const room = new BufferedBytes(1_000);
    expect(room.take(new InFlight(), 1_000)).toBe(true);
    expect(room.take(new InFlight(), 1)).toBe(false);
  });
});
