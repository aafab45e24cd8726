/** What an import has to say: everything of the document that has no counterpart, each with its JSON pointer. */

export type ReportSeverity =
  /** The document cannot be taken over; nothing may be changed. */
  | "error"
  /** Has no counterpart and is left out. */
  | "lost"
  /** Taken over in another form. */
  | "changed";

export type ReportCode =
  | "document.too_large"
  | "document.too_deep"
  | "document.too_slow"
  | "document.malformed"
  | "document.version_unsupported"
  | "document.no_paths"
  | "ref.remote"
  | "ref.unresolved"
  | "routes.too_many"
  | "route.duplicate"
  | "path.unsupported"
  | "path.respelled"
  | "parameter.renamed"
  | "parameter.unsupported"
  | "parameter.ignored"
  | "parameter.style"
  | "operation_id.changed"
  | "mapping.missing"
  | "example.not_kept"
  | "content_type.changed"
  | "text.truncated"
  | "schema.incomplete"
  | "schema.sibling_ignored"
  | "schema.nullable_ignored"
  | "schema.renamed"
  | "schema.too_large"
  | "schema.unusable"
  | "no_counterpart"
  | "report.truncated";

export interface ReportItem {
  readonly severity: ReportSeverity;
  readonly code: ReportCode;
  /** RFC 6901 pointer into the imported document; "" is all of it. */
  readonly pointer: string;
  readonly message: string;
}

/** Collects items, each once, and stops taking in more at a bound. */
export class ImportReport {
  readonly #items = new Map<string, ReportItem>();
  readonly #itemsMax: number;
  #dropped = 0;
  #errors = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  add(severity: ReportSeverity, code: ReportCode, pointer: string, message: string): void {
    const key = `${code} ${pointer} ${message}`;
    if (this.#items.has(key)) return;
    if (severity === "error") this.#errors++;
    // An error is always told, whatever was told before it.
    if (this.#items.size >= this.#itemsMax && severity !== "error") this.#dropped++;
    else this.#items.set(key, { severity, code, pointer, message });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Errors first, then in the order in which they were found. */
  items(): readonly ReportItem[] {
    const all = [...this.#items.values()];
    const items = [
      ...all.filter((item) => item.severity === "error"),
      ...all.filter((item) => item.severity !== "error"),
    ];
    if (this.#dropped > 0) {
      items.push({
        severity: "lost",
        code: "report.truncated",
        pointer: "",
        message: `${this.#dropped} more are not listed.`,
      });
    }
    return items;
  }
}
