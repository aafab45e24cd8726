/** How integrations are at one time, for the metrics: targets in rotation, connections, requests in flight. Bounded. */
import type { Integration } from "../forward/integration.js";
import type { Target } from "../forward/target.js";
import { addCounts } from "./add-counts.js";

/** Those with trouble first, then those with most requests in flight. */
const INTEGRATIONS_MAX = 40;

export const targetStates = ["available", "ejected", "unhealthy"] as const;
export type TargetCounts = Record<(typeof targetStates)[number], number>;
export const connectionStates = ["open", "idle", "waiting_requests"] as const;
export type ConnectionCounts = Record<(typeof connectionStates)[number], number>;

export interface IntegrationState {
  readonly id: string;
  readonly targets: TargetCounts;
  readonly connections: ConnectionCounts;
  inFlight: number;
}

export interface IntegrationStates {
  /** Of all integrations that are in use. */
  readonly targets: TargetCounts;
  readonly busiest: readonly IntegrationState[];
}

/** Integrations without a request so far are left out. */
export function integrationStates(integrations: Iterable<Integration>): IntegrationStates {
  const targets = noTargets();
  const states: IntegrationState[] = [];
  for (const integration of integrations) {
    const state = stateOf(integration);
    if (state === null) continue;
    addCounts(targets, state.targets);
    states.push(state);
  }
  return { targets, busiest: busiestOf(states) };
}

/** Sums over the processes of a node. */
export function mergeStates(all: readonly IntegrationStates[]): IntegrationStates {
  const targets = noTargets();
  const byId = new Map<string, IntegrationState>();
  for (const states of all) {
    addCounts(targets, states.targets);
    for (const state of states.busiest) {
      const known = byId.get(state.id);
      if (known === undefined) byId.set(state.id, structuredClone(state));
      else {
        addCounts(known.targets, state.targets);
        addCounts(known.connections, state.connections);
        known.inFlight += state.inFlight;
      }
    }
  }
  return { targets, busiest: busiestOf([...byId.values()]) };
}

function stateOf({ id, targets, inFlight }: Integration): IntegrationState | null {
  const pools = targets.map((target) => target.poolStats());
  if (pools.every((pool) => pool === null)) return null;
  const state: IntegrationState = {
    id,
    targets: noTargets(),
    connections: { open: 0, idle: 0, waiting_requests: 0 },
    inFlight: inFlight.requests,
  };
  for (const target of targets) state.targets[targetStateOf(target)]++;
  for (const pool of pools) {
    if (pool === null) continue;
    state.connections.open += pool.connections;
    state.connections.idle += pool.idle;
    state.connections.waiting_requests += pool.queued;
  }
  return state;
}

function targetStateOf(target: Target): (typeof targetStates)[number] {
  if (!target.isHealthy) return "unhealthy";
  return target.circuit === "closed" ? "available" : "ejected";
}

function busiestOf(states: IntegrationState[]): readonly IntegrationState[] {
  const trouble = ({ targets }: IntegrationState): number => targets.ejected + targets.unhealthy;
  return states
    .sort(
      (a, b) => trouble(b) - trouble(a) || b.inFlight - a.inFlight || b.connections.open - a.connections.open,
    )
    .slice(0, INTEGRATIONS_MAX);
}

function noTargets(): TargetCounts {
  return { available: 0, ejected: 0, unhealthy: 0 };
}
