import { expect, it } from "vitest";
import { Pauses } from "./pauses.js";

function work(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/** Turns of the event loop meanwhile. */
async function turnsDuring(task: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  const count = () => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await task();
  clearImmediate(next);
  return turns;
}

it("counts the works of one turn together, each too short for a pause of its own", async () => {
  const turns = await turnsDuring(async () => {
    for (let piece = 0; piece < 30; piece++) {
      await new Pauses().pause();
      work(5);
    }
  });
  expect(turns).toBeGreaterThanOrEqual(10);
});

it("takes no turn for what is short", async () => {
  await new Promise((resolve) => setImmediate(resolve));
  // With an hour, so that a slow machine is not taken for long work.
  expect(await turnsDuring(() => new Pauses(3_600_000).pause())).toBe(0);
});

it("starves none of two works beside each other", async () => {
  let mine = 0;
  let theirs = 0;
  const piecesOf = async (done: () => void) => {
    const pauses = new Pauses(2);
    while (mine + theirs < 200) {
      await pauses.pause();
      work(0.5);
      done();
    }
  };
  await Promise.all([piecesOf(() => mine++), piecesOf(() => theirs++)]);
  expect(Math.min(mine, theirs)).toBeGreaterThan(50);
});
