/** OpenAPI documents from an Api and back; pure code generation. No I/O. */
export { type DocumentFormat, emit } from "./emit.js";
export {
  fromOpenApi,
  type ImportedRoute,
  type ImportMapping,
  type ImportOptions,
  type ImportResult,
} from "./from-openapi.js";
export type { ReportCode, ReportItem, ReportSeverity } from "./import-report.js";
export type { Json, JsonObject } from "./json.js";
export type { LintCode, LintWarning } from "./lint-warning.js";
export {
  makeOperationId,
  normalizeOperationId,
  OPERATION_ID_CHARS_MAX,
  operationIdsOf,
} from "./operation-id.js";
export { type DocumentLimits, defaultDocumentLimits } from "./parse-document.js";
export * from "./read-model.js";
export type { SpecVersion } from "./schema-components.js";
export { type OpenApiDocument, type OpenApiOptions, toOpenApi } from "./to-openapi.js";
