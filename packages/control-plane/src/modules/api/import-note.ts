/** What an import has to say about a document. */
import type { ReportItem, TextPlace } from "@latchkey/openapi";

/** One thing to know about the import, with its place in the document. */
export interface ImportNote {
  readonly severity: ReportItem["severity"];
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  /** In the document's text. Of errors, where it is known. */
  readonly place?: TextPlace;
}
