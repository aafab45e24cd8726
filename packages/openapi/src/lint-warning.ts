/** What a generator has to tell the owner of an Api about its document. Warnings never stop an export. */

export type LintCode =
  | "document.too_large"
  | "server.missing"
  | "server.not_https"
  | "server.invalid"
  | "route.path_invalid"
  | "route.duplicate"
  | "server.url_too_long"
  | "operation_id.changed"
  | "summary.truncated"
  | "body.not_shown"
  | "example.not_shown"
  | "content_type.invalid"
  | "parameter.unknown"
  | "parameter.reserved"
  | "response.own_problem"
  | "schema.loosened"
  | "schema.recursive"
  | "schema.incomplete";

export interface LintWarning {
  readonly code: LintCode;
  readonly message: string;
  /** RFC 6901 pointer into the generated document, or "" for all of it. */
  readonly pointer: string;
}

export type Warn = (code: LintCode, message: string, tokens?: readonly (string | number)[]) => void;
