/** Requests and responses against the schemas of an operation: compiled once, bounded in time, and in threads where it takes long. */
export {
  CheckPool,
  type CheckPoolOptions,
  type PoolResponseVerdict,
  type PoolVerdict,
} from "./check-pool.js";
export { essenceOf, isCheckedContent, isJson } from "./media-type.js";
export {
  OperationChecker,
  OperationCheckers,
  type OperationCheckersOptions,
} from "./operation-checker.js";
export { type SchemaProblem, schemaFault, schemaSizeFault } from "./operation-parts.js";
export type {
  ContentSchemas,
  EncodingSchema,
  HeaderSchema,
  MediaTypeSchema,
  OperationSchemas,
  ParameterSchema,
  RequestBodySchema,
  ResponseSchema,
} from "./operation-schemas.js";
export { compileInlineValidator, compileValidator, type OperationValidator } from "./operation-validator.js";
export { reachableSchemas, reachedNames } from "./reachable-schemas.js";
export type { InlineVerdict, RequestHead, RequestRefusal, RequestValidator } from "./request-validator.js";
export type {
  ResponseHead,
  ResponseIssue,
  ResponseValidator,
  ResponseVerdict,
} from "./response-validator.js";
export { SharedSchemas } from "./shared-schemas.js";
