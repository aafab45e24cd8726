import type { ReportItem } from "@latchkey/openapi";

/** One thing to know about the import, with its place in the document. */
export interface ImportNote {
  readonly severity: ReportItem["severity"];
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
}
