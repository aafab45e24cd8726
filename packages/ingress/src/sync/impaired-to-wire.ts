/** Targets out of rotation as the node's health reports them. */
import { type NodeHealth, TargetState } from "@latchkey/proto";
import type { ImpairedTarget, ImpairedTargets } from "../usage/impaired-targets.js";

const states: Readonly<Record<ImpairedTarget["state"], TargetState>> = {
  unhealthy: TargetState.UNHEALTHY,
  open: TargetState.CIRCUIT_OPEN,
  "half-open": TargetState.CIRCUIT_HALF_OPEN,
};

export function impairedToWire({
  count,
  listed,
}: ImpairedTargets): Pick<NodeHealth, "impairedTargets" | "impairedTargetCount"> {
  return {
    impairedTargetCount: count,
    impairedTargets: listed.map(({ state, sinceMs, ...target }) => ({
      ...target,
      state: states[state],
      sinceMs: BigInt(sinceMs),
    })),
  };
}
