/** Why an API's document is not available now. Clients see it as it is. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly code: "DOCUMENT_BUSY" | "DOCUMENT_TOO_LARGE";
  /** When it makes sense to try again; null: not without a change of the API. */
  readonly retryAfterMs: number | null;

  constructor(reason: "busy" | "slow" | "out_of_memory") {
    super(SENTENCES[reason]);
    this.code = reason === "busy" ? "DOCUMENT_BUSY" : "DOCUMENT_TOO_LARGE";
    this.retryAfterMs = reason === "busy" ? 1_000 : null;
  }
}

const SENTENCES = {
  busy: "Too many documents are being read and written: try again in a second.",
  slow: "Writing the document takes too much CPU time: take it as JSON, or divide the API.",
  out_of_memory: "Writing the document takes too much memory: take it as JSON, or divide the API.",
} as const;
