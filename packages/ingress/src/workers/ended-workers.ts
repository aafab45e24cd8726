/** What workers that ended have counted, so that the counters of the node never fall. */
import { IngressStats } from "../usage/ingress-stats.js";
import type { WorkerReport } from "./worker-messages.js";

export class EndedWorkers {
  readonly stats = new IngressStats();
  usageDropped = 0;
  logLinesLost = 0;

  /** @param report the last one of a worker */
  add({
    stats,
    usageDropped,
    logLinesLost,
  }: Pick<WorkerReport, "stats" | "usageDropped" | "logLinesLost">): void {
    this.stats.add(stats);
    this.usageDropped += usageDropped;
    this.logLinesLost += logLinesLost;
  }
}
