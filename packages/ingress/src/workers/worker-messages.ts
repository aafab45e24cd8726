/** What primary and workers say to each other beside the stream. Plain data; structured clone keeps it. */
import type { IngressConfig } from "../config.js";
import type { EngineName } from "../http/exchange.js";
import { IngressStats, type StatsValue } from "../usage/ingress-stats.js";

export type ToWorker =
  | {
      readonly kind: "start";
      readonly config: IngressConfig;
      readonly port: number;
      /** The primary has a revision: the worker gets it before clients get the worker. */
      readonly isFilledFirst: boolean;
    }
  | { readonly kind: "reload-certificate" }
  | { readonly kind: "close" };

export type FromWorker =
  /** It listens for messages from here on. */
  | { readonly kind: "hello" }
  | {
      readonly kind: "listening";
      readonly port: number;
      readonly engine: EngineName;
      readonly engineDescription: string;
    }
  | { readonly kind: "listen-failed"; readonly code: string }
  | { readonly kind: "report"; readonly report: WorkerReport };

/** Sent twice a second. */
export interface WorkerReport {
  readonly isReady: boolean;
  readonly stats: StatsValue;
  readonly inFlight: number;
  readonly connections: number;
  readonly upstream: { readonly open: number; readonly idle: number; readonly waiting: number };
  readonly usageDropped: number;
  readonly rssBytes: number;
}

/** Sums of counters. */
export function mergeStats(all: readonly (IngressStats | StatsValue)[]): IngressStats {
  const merged = new IngressStats();
  for (const stats of all) merged.add(stats);
  return merged;
}
