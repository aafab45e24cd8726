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

interface Note {
  /** In any case. */
  readonly severity: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
}

export interface NoteGroup<T extends Note> {
  readonly severity: T["severity"];
  readonly code: string;
  /** One sentence about all of them. */
  readonly title: string;
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly T[];
}

/** Notes of an import by severity and code: errors first, then the codes with the most notes. */
export function groupNotes<T extends Note>(notes: readonly T[], examplesMax = 3): readonly NoteGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const note of notes) {
    const key = `${note.severity} ${note.code}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [note]);
    else group.push(note);
  }
  const rank = (severity: string): number =>
    (reportSeverities as readonly string[]).indexOf(severity.toLowerCase());
  return [...groups.values()]
    .map((group): NoteGroup<T> => {
      const [first] = group as [T];
      const { severity, code } = first;
      const title = group.length === 1 ? first.message : (titles[code] ?? first.message);
      return { severity, code, title, count: group.length, examples: group.slice(0, examplesMax) };
    })
    .sort((a, b) => rank(a.severity) - rank(b.severity) || b.count - a.count);
}

const titles: { readonly [code: string]: string } = {
  "ref.remote": "References to other documents are never fetched.",
  "ref.unresolved": "References lead nowhere.",
  "route.duplicate": "Operations are the same route as others; the first ones are kept.",
  "path.unsupported": "Paths that no route can have are left out.",
  "path.respelled": "Paths are spelled in another way.",
  "method.unsupported": "Operations with methods that no route can have are left out.",
  "parameter.renamed": "Path parameters have other names.",
  "parameter.unsupported": "Parameters are left out.",
  "parameter.ignored": "Parameters that OpenAPI ignores are left out.",
  "parameter.style": "Styles that OpenAPI does not have for a parameter are left out.",
  "parameter.unchecked":
    "Parameters and headers whose content is neither JSON nor plain text are not checked.",
  "header.unchecked": "Requests are not checked against headers of parts of a form.",
  "operation_id.changed": "Operations have other ids.",
  "mapping.missing": "The mapping names no integration for operations.",
  "server.missing": "The document names no server for operations.",
  "server.first_used": "Of several servers the first is used.",
  "server.credential_wanted": "The servers want credentials.",
  "route.spared": "Routes are not deleted: the document may have them in operations that were not read.",
  "schema.replaced": "Shared schemas are the document's now, for the other routes too.",
  "text.respelled": "Texts have characters that cannot be shown; the API has them without these.",
  "content_type.changed": "Content types are left out.",
  "schema.incomplete": "Keywords whose value is not valid are left out.",
  "schema.pattern_dropped": "Patterns that requests cannot be checked against are left out.",
  "schema.keyword_dropped": "Keywords that JSON Schema does not have are left out.",
  "schema.keyword_ignored": "Keywords that say nothing of the schema's type are left out.",
  "schema.sibling_ignored": "OpenAPI 3.0 ignores what stands beside a `$ref`.",
  "schema.unsatisfiable": "Schemas whose values are of another type than they say: no value fits.",
  "schema.nullable_ignored":
    "`nullable` says nothing without a `type` beside it, or beside an `enum` without null.",
  "schema.discriminator_ignored":
    "Discriminators with `defaultMapping`, or whose mapping leads out of the document, are left out.",
  "schema.renamed": "Shared schemas have other names.",
  "schema.too_large": "Schemas are too large or too deep.",
  "schema.too_large_to_check": "Requests are not checked against schemas that are too large.",
  "extension.dropped": "Extensions are not kept.",
  no_counterpart: "An API has no place for these.",
};
