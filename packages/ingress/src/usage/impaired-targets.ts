/** Targets out of rotation, for the control plane: which, since when, why. Bounded; those in use are not listed. */
import type { Integration } from "../forward/integration.js";
import type { Target } from "../forward/target.js";

/** Of one node; with reasons of at most 200 characters some 60 KiB each five seconds. */
const TARGETS_MAX = 200;

export interface ImpairedTarget {
  readonly integrationId: string;
  /** Place among the integration's URLs. */
  readonly urlIndex: number;
  readonly state: "unhealthy" | "open" | "half-open";
  readonly sinceMs: number;
  /** As logs name it; empty: not known. */
  readonly lastError: string;
}

export interface ImpairedTargets {
  /** In all; more than are listed where there are too many. */
  readonly count: number;
  readonly listed: readonly ImpairedTarget[];
}

export function impairedTargets(integrations: Iterable<Integration>): ImpairedTargets {
  const listed: ImpairedTarget[] = [];
  let count = 0;
  for (const { id, targets } of integrations)
    for (const [urlIndex, target] of targets.entries()) {
      const state = stateOf(target);
      if (state === null) continue;
      count++;
      if (listed.length < TARGETS_MAX)
        listed.push({
          integrationId: id,
          urlIndex,
          state,
          sinceMs: target.impairedSinceMs,
          lastError: target.lastError,
        });
    }
  return { count, listed };
}

function stateOf({ isHealthy, circuit }: Target): ImpairedTarget["state"] | null {
  if (!isHealthy) return "unhealthy";
  return circuit === "closed" ? null : circuit;
}

/** Of the processes of a node: a target that one of them does not use is impaired, since the first one. */
export function mergeImpaired(all: readonly ImpairedTargets[]): ImpairedTargets {
  const byTarget = new Map<string, ImpairedTarget>();
  for (const { listed } of all)
    for (const target of listed) {
      const key = `${target.integrationId} ${target.urlIndex}`;
      const known = byTarget.get(key);
      if (known === undefined || target.sinceMs < known.sinceMs) byTarget.set(key, target);
    }
  const listed = [...byTarget.values()].slice(0, TARGETS_MAX);
  return { count: Math.max(byTarget.size, ...all.map(({ count }) => count)), listed };
}
