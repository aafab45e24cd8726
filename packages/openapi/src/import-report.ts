/** What an import has to say: everything of the document that has no counterpart, each with its JSON pointer. */

import type { TextPlace } from "./text-place.js";

export type ReportSeverity =
  /** The document cannot be taken over; nothing may be changed. */
  | "error"
  /** The gateway, or a check of a request, does something else than the document says. */
  | "behavior"
  /** The gateway does what the document says; the document loses or changes a description. */
  | "documentation";

export const reportSeverities: readonly ReportSeverity[] = ["error", "behavior", "documentation"];

export type ReportCode =
  | "document.too_large"
  | "document.too_deep"
  | "document.too_slow"
  | "document.malformed"
  | "document.version_unsupported"
  | "document.no_paths"
  | "document.no_routes"
  | "document.converted"
  | "ref.remote"
  | "ref.unresolved"
  | "routes.too_many"
  | "route.duplicate"
  | "path.unsupported"
  | "path.respelled"
  | "method.unsupported"
  | "parameter.renamed"
  | "parameter.unsupported"
  | "parameter.ignored"
  | "parameter.style"
  | "parameter.unchecked"
  | "header.unchecked"
  | "operation_id.changed"
  | "mapping.missing"
  | "content_type.changed"
  | "text.truncated"
  | "example.not_kept"
  | "schema.incomplete"
  | "schema.pattern_dropped"
  | "schema.pattern_respelled"
  | "schema.keyword_dropped"
  | "schema.keyword_ignored"
  | "schema.sibling_ignored"
  | "schema.unsatisfiable"
  | "schema.nullable_ignored"
  | "schema.discriminator_ignored"
  | "schema.renamed"
  | "schema.too_large"
  | "schema.too_large_to_check"
  | "security.replaced"
  | "servers.replaced"
  | "extension.dropped"
  | "no_counterpart"
  | "report.truncated";

export interface ReportItem {
  readonly severity: ReportSeverity;
  readonly code: ReportCode;
  /** RFC 6901 pointer into the imported document; "" is all of it. */
  readonly pointer: string;
  readonly message: string;
  /** Of errors, where it is known. */
  readonly place?: TextPlace;
}

/** Collects items, each once, and stops taking in more at a bound. A pointer may have several. */
export class ImportReport {
  readonly #items = new Map<string, { readonly item: ReportItem; count: number }>();
  readonly #itemsMax: number;
  #dropped = 0;
  #errors = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  add(severity: ReportSeverity, code: ReportCode, pointer: string, message: string): void {
    this.#add(`${code} ${pointer} ${message}`, { severity, code, pointer, message });
  }

  /** For what is said alike in many places: one item with the first of them and their number. */
  addPlace(severity: ReportSeverity, code: ReportCode, pointer: string, message: string): void {
    this.#add(`${code} ${message}`, { severity, code, pointer, message });
  }

  #add(key: string, item: ReportItem): void {
    const known = this.#items.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (item.severity === "error") this.#errors++;
    // An error is always reported, whatever was reported before it.
    if (this.#items.size >= this.#itemsMax && item.severity !== "error") this.#dropped++;
    else this.#items.set(key, { item, count: 1 });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** By severity, then in the order in which they were found. */
  items(): readonly ReportItem[] {
    const all = [...this.#items].map(([key, { item, count }]) =>
      // Only those that are collected have keys without their pointer.
      count > 1 && key === `${item.code} ${item.message}`
        ? { ...item, message: `${item.message} There are ${count} of this kind.` }
        : item,
    );
    const items = reportSeverities.flatMap((severity) => all.filter((item) => item.severity === severity));
    if (this.#dropped > 0) {
      items.push({
        severity: "documentation",
        code: "report.truncated",
        pointer: "",
        message: `${this.#dropped} more are not listed.`,
      });
    }
    return items;
  }
}
