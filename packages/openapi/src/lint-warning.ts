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
  | "schema.cycle_cut"
  | "schema.incomplete";

export interface LintWarning {
  readonly code: LintCode;
  readonly message: string;
  /** RFC 6901 pointer into the generated document, or "" for all of it. */
  readonly pointer: string;
}

/** True for a warning about something for which Azure API Management refuses the document. */
export function azureRefuses({ code }: LintWarning): boolean {
  return code === "document.too_large" || code === "server.url_too_long";
}

export type Warn = (code: LintCode, message: string, tokens?: readonly (string | number)[]) => void;
