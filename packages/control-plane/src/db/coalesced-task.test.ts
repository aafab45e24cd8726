import { expect, test } from "vitest";
import { CoalescedTask } from "./coalesced-task.js";

test("runs once at a time, and once more for all calls that come meanwhile", async () => {
  const ends: (() => void)[] = [];
  let most = 0;
  let now = 0;
  const task = new CoalescedTask(async () => {
    most = Math.max(most, ++now);
    await new Promise<void>((resolve) => ends.push(resolve));
    now--;
  });
  const first = task.run();
  await Promise.resolve();
  const later = Array.from({ length: 100 }, () => task.run());
  let isLaterOver = false;
  const laterOver = Promise.all(later).then(() => {
    isLaterOver = true;
  });
  ends[0]?.();
  await first;
  expect([ends.length, isLaterOver]).toEqual([2, false]);
  const last = task.run();
  ends[1]?.();
  await laterOver;
  ends[2]?.();
  await last;
  expect([ends.length, most]).toEqual([3, 1]);
});
