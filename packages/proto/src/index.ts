/** The only import point for generated types and for what reads and writes their encoding. Nothing here is written by hand but this list. */
export { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
export * from "./gen/latchkey/snapshot/v1/last_known_good.js";
export * from "./gen/latchkey/snapshot/v1/snapshot.js";
export * from "./gen/latchkey/snapshot/v1/snapshot_service.js";
export * from "./gen/latchkey/telemetry/v1/usage.js";
