/** OpenAPI documents from an Api and back; pure code generation. No I/O. */
export { azureApimPolicy, azureNamedValue } from "./azure-apim.js";
export {
  DocumentThreads,
  defaultThreadLimits,
  type ThreadLimits,
  type ThreadOutcome,
} from "./document-threads.js";
export { type DocumentFormat, emit } from "./emit.js";
export { contentDisposition } from "./file-name.js";
export { fromOpenApi } from "./from-openapi.js";
export {
  type ReportCode,
  type ReportItem,
  type ReportSeverity,
  reportSeverities,
} from "./import-report.js";
export type { ImportedRoute, ImportMapping, ImportOptions, ImportResult } from "./import-result.js";
export type { ImportSource, OperationServer, SecurityScheme, UnreadOperation } from "./import-source.js";
export { ImportThreads } from "./import-thread.js";
export { exampleValue, type Json, type JsonObject } from "./json.js";
export { IMPORT_BYTES_MAX, lint, lintDocument } from "./lint.js";
export { azureRefuses, type LintCode, type LintWarning } from "./lint-warning.js";
export { type MockRequest, type MockResponse, mockResponse } from "./mock-response.js";
export { groupNotes, type NoteGroup } from "./note-groups.js";
export {
  isOperationId,
  makeOperationId,
  normalizeOperationId,
  OPERATION_ID_CHARS_MAX,
  operationIdsOf,
} from "./operation-id.js";
export { type DocumentLimits, defaultDocumentLimits } from "./parse-document.js";
export { POSTMAN_KEY_VARIABLE, toPostman } from "./postman.js";
export * from "./read-model.js";
export type { SpecVersion } from "./schema-components.js";
export type { TextPlace } from "./text-place.js";
export { serveTask } from "./thread-task.js";
export { type OpenApiDocument, type OpenApiOptions, toOpenApi } from "./to-openapi.js";
export { toTypeScriptClient } from "./typescript-client.js";
export { withinScopes } from "./within-scopes.js";
