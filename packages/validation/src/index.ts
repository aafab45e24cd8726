/** Request validation against JSON Schemas: compiled once, bounded in time, and in threads where it takes long. */
export { CheckPool, type CheckPoolOptions, type PoolVerdict } from "./check-pool.js";
export { RequestChecker, RequestCheckers, type RequestCheckersOptions } from "./request-checker.js";
export {
  compileRequestValidator,
  type InlineValidator,
  type InlineVerdict,
  type RequestHead,
  type RequestRefusal,
  type RequestSchemas,
  type RequestValidator,
  type SchemaProblem,
} from "./request-validator.js";
export { schemaFault } from "./schema-compiler.js";
