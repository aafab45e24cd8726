import { expect, it } from "vitest";
import { IngressStats } from "../usage/ingress-stats.js";
import { EndedWorkers } from "./ended-workers.js";

it("keeps all counters of workers that ended", () => {
  const ended = new EndedWorkers();
  for (const count of [1, 2]) {
    const stats = new IngressStats();
    for (let i = 0; i < count; i++) stats.countStatus(200);
    ended.add({ stats: stats.value(), usageDropped: 10 * count, logLinesLost: 100 * count });
  }
  expect(ended.stats.byStatusClass).toEqual([0, 0, 3, 0, 0, 0]);
  expect(ended).toMatchObject({ usageDropped: 30, logLinesLost: 300 });
});
