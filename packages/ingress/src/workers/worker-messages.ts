/** What primary and workers say to each other beside the stream. Plain data; structured clone keeps it. */
import type { IngressConfig } from "../config.js";
import type { ImpairedTargets } from "../usage/impaired-targets.js";
import { IngressStats, type StatsValue } from "../usage/ingress-stats.js";
import type { IntegrationStates } from "../usage/integration-states.js";
import type { RouteCounts } from "../usage/request-counts.js";
import type { LimitQuestion, LimitReply } from "./primary-limits.js";
import type { TokenQuestion, TokenReply } from "./primary-tokens.js";

export type ToWorker =
  | {
      readonly kind: "start";
      readonly config: IngressConfig;
      /** What the worker says hello with, and the primary knows it by. */
      readonly instanceId: string;
      readonly port: number;
      /** The primary has a revision: the worker gets it before clients get the worker. */
      readonly isFilledFirst: boolean;
      /** Of TLS session tickets. */
      readonly ticketKeys: Buffer;
    }
  | { readonly kind: "ticket-keys"; readonly keys: Buffer }
  | { readonly kind: "reload-files" }
  | { readonly kind: "limit-replies"; readonly replies: readonly LimitReply[] }
  | { readonly kind: "token-reply"; readonly reply: TokenReply }
  | { readonly kind: "close" };

export type FromWorker =
  /** It listens for messages from here on. */
  | { readonly kind: "hello" }
  | {
      readonly kind: "listening";
      readonly port: number;
      readonly engine: string;
      readonly engineDescription: string;
    }
  | { readonly kind: "listen-failed"; readonly code: string }
  | { readonly kind: "limit-questions"; readonly questions: readonly LimitQuestion[] }
  | { readonly kind: "token-question"; readonly question: TokenQuestion }
  /** After an uncaught exception it finishes what is in flight, and ends: its replacement need not wait. */
  | { readonly kind: "failing" }
  | { readonly kind: "report"; readonly report: WorkerReport };

/** Sent twice a second. */
export interface WorkerReport {
  readonly isReady: boolean;
  readonly stats: StatsValue;
  /** Since the report before. */
  readonly counts: readonly RouteCounts[];
  readonly inFlight: number;
  readonly connections: number;
  readonly upstream: { readonly open: number; readonly idle: number; readonly waiting: number };
  readonly integrations: IntegrationStates;
  readonly impaired: ImpairedTargets;
  /** Since the report before. */
  readonly loopDelayMs: number;
  readonly usageDropped: number;
  readonly rssBytes: number;
  readonly logLinesLost: number;
}

/** Sums of counters. */
export function mergeStats(all: readonly (IngressStats | StatsValue)[]): IngressStats {
  const merged = new IngressStats();
  for (const stats of all) merged.add(stats);
  return merged;
}
