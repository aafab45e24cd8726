/** The upstream itself, with nothing between: what a latency is compared with. */
import type { Contender } from "../contender.js";

export const direct: Contender = {
  name: "direct",
  isDirect: true,
  version: () => ({ version: "no proxy" }),
  start: async ({ upstreamPort }) => ({ port: upstreamPort, pids: () => [], stop: async () => {} }),
};
