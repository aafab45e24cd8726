/** Notes of an import, and warnings about a document that is written, by severity and code: hundreds are a few lines then. */
import { reportSeverities } from "./import-report.js";

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

/** By severity and code: errors first, then the codes with the most notes. */
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
  "schema.pattern_respelled": "Patterns are written as Unicode mode has them.",
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
  // Warnings about a document that is written.
  "schema.cycle_cut": "Schemas that refer to themselves, which Azure refuses, accept anything where they do.",
  "schema.loosened": "Schemas accept more than they should, because OpenAPI 3.0 cannot express all of them.",
  "schema.recursive": "Schemas refer to themselves.",
  "summary.truncated": "Summaries are cut.",
  "body.not_shown": "Bodies of requests whose content has no meaning are not shown.",
  "example.not_shown": "Examples are not shown where no content type is JSON.",
  "response.own_problem":
    "Operations describe problem details of their own; those of the gateway are not described there.",
};
