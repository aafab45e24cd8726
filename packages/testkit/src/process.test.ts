import { expect, it } from "vitest";
import { eventually } from "./process.js";

it("waits while the condition has no value or fails, and says why it gave up", async () => {
  let tries = 0;
  const third = async (): Promise<number | undefined> => {
    tries++;
    if (tries === 1) throw new Error("not there yet");
    return tries < 3 ? undefined : tries;
  };
  expect(await eventually(third, "the third try", { everyMs: 1 })).toBe(3);
  const never = async (): Promise<undefined> => {
    throw new Error("not there");
  };
  await expect(eventually(never, "it", { timeoutMs: 5, everyMs: 1 })).rejects.toMatchObject({
    message: "it: not within time",
    cause: { message: "not there" },
  });
});

it("fails at once by an assertion: what must never be seen must not be seen while waiting either", async () => {
  let tries = 0;
  const passes = async (): Promise<true> => {
    tries++;
    expect(tries, "a revoked key passed").toBeGreaterThan(1);
    return true;
  };
  await expect(eventually(passes, "it passes", { everyMs: 1 })).rejects.toThrow("a revoked key passed");
});
