/** For tests and benches only: child processes, nodes without traffic, relays that break, sample resources. */
export * from "./exposition.js";
export * from "./free-port.js";
export * from "./name-server.js";
export type { ReceivedLog, ReceivedPoint, ReceivedSpan } from "./otlp-messages.js";
export * from "./otlp-receiver.js";
export * from "./process.js";
export * from "./raw-client.js";
export * from "./redis-server.js";
export * from "./resources.js";
export type {
  SimulatedEnd,
  SimulatedEvent,
  SimulatedNodeOptions,
  SimulatedRevision,
} from "./simulated-events.js";
export * from "./simulated-node.js";
export * from "./snapshot-server.js";
export * from "./tcp-relay.js";
export * from "./test-authority.js";
export * from "./test-certificate.js";
export * from "./upstream.js";
