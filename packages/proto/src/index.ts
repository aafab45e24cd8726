/** The only import point for generated types. Nothing here is written by hand but this list. */
export * from "./gen/latchkey/snapshot/v1/last_known_good.js";
export * from "./gen/latchkey/snapshot/v1/snapshot.js";
export * from "./gen/latchkey/snapshot/v1/snapshot_service.js";
export * from "./gen/latchkey/telemetry/v1/usage.js";
