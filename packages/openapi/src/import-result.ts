/** What an import is asked for, and what comes of it. */
import type { ReportItem } from "./import-report.js";
import type { ImportSource, OperationServer } from "./import-source.js";
import type { DocumentLimits } from "./parse-document.js";
import type { ApiModel, JsonSchema, RouteModel } from "./read-model.js";
import type { SpecVersion } from "./schema-components.js";
import type { SizeFault } from "./unchecked-schemas.js";

export interface ImportMapping {
  /** By operation id of the document, or by `GET /path` as it stands there. */
  readonly operations?: { readonly [operation: string]: string };
  readonly tags?: { readonly [tag: string]: string };
  /** By the operation's summary, which is the integration's name in a document of ours. */
  readonly summaries?: { readonly [summary: string]: string };
  /** For all others. */
  readonly default?: string;
}

export interface ImportOptions {
  /** Says which integration serves an operation. Without it, none is named and none is missed. */
  readonly mapping?: ImportMapping;
  readonly limits?: Partial<DocumentLimits>;
  /** Routes an Api may have. Default: 5,000. */
  readonly routesMax?: number;
  /** Why requests cannot be held to a schema, or null. Such schemas are left out. Default: all can. */
  readonly schemaFault?: (schema: JsonSchema) => string | null;
  /** Why requests cannot be held to a schema with all that it refers to, or null. Such schemas are left out. Default: all can. */
  readonly sizeFault?: SizeFault;
  /** Items of the report beside errors. Default: 10,000. */
  readonly reportMax?: number;
}

/** A route that the document asks for. */
export interface ImportedRoute extends RouteModel {
  /** Of the (first) operation in the document. */
  readonly pointer: string;
  /** What a mapping of operations calls it: `GET /path` as it stands in the document. */
  readonly mappingKey: string;
  /** What the mapping says: the caller's name or id of an integration; null when it says nothing. */
  readonly integrationRef: string | null;
  readonly server: OperationServer;
}

export interface ImportResult {
  /** False when the report has an error: then nothing may be changed. */
  readonly ok: boolean;
  /** Null when it is neither. */
  readonly version: SpecVersion | null;
  /** In the order of the document. */
  readonly routes: readonly ImportedRoute[];
  /** The Api as the document describes it; null when it cannot be read at all. */
  readonly model: ApiModel | null;
  readonly report: readonly ReportItem[];
  /** Null when it cannot be read at all. */
  readonly source: ImportSource | null;
}

/** Of a document that is not read, or not to its end. @param report with the error that says why */
export function refusedImport(report: readonly ReportItem[]): ImportResult {
  return { ok: false, version: null, routes: [], model: null, report, source: null };
}

export function toModel({
  pointer: _pointer,
  mappingKey: _key,
  integrationRef: _ref,
  server: _server,
  ...route
}: ImportedRoute): RouteModel {
  return route;
}
