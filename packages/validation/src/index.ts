/** Request validation against JSON Schemas: compiled once, bounded in time. No I/O. */
export {
  compileRequestValidator,
  type RequestHead,
  type RequestRefusal,
  type RequestSchemas,
  type RequestValidator,
  type SchemaProblem,
} from "./request-validator.js";
export { schemaFault } from "./schema-compiler.js";
export { type CompiledRequest, ValidatorCache, type ValidatorCacheOptions } from "./validator-cache.js";
