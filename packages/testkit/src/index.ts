/** For tests and benches only: nodes without traffic, relays that break. */
export * from "./simulated-node.js";
export * from "./tcp-relay.js";
