/** The operations of an import as rows: what is done to each, with the notes about it. Pure. */
import type { PreviewImportMutation, RouteFate } from "../../gen/import.js";
import type { Option } from "../../ui/remote-select.js";

export type ImportPayload = PreviewImportMutation["importOpenApi"];
export type ImportNote = ImportPayload["notes"][number];
export type ImportFate = RouteFate | "NOT_READ";

export interface ImportRow {
  readonly key: string;
  readonly fate: ImportFate;
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly serverUrl: string | null;
  /** What a mapping calls the operation; null: it cannot be mapped. */
  readonly match: string | null;
  readonly integration: Option | null;
  readonly notes: readonly ImportNote[];
}

export interface RowFilter {
  readonly text: string;
  /** `MISSING`: operations without an integration. */
  readonly fate: ImportFate | "MISSING" | null;
  readonly tag: string | null;
  readonly serverUrl: string | null;
}

export const noFilter: RowFilter = { text: "", fate: null, tag: null, serverUrl: null };

export const fateLabels: Readonly<Record<ImportFate, string>> = {
  ADDED: "Added",
  CHANGED: "Changed",
  UNCHANGED: "Unchanged",
  KEPT: "Kept",
  REMOVED: "Deleted",
  NOT_READ: "Not read",
};

/** `assigned`: chosen on the page, shown before the control plane has confirmed it. */
export function toRows(payload: ImportPayload, assigned: ReadonlyMap<string, Option>): readonly ImportRow[] {
  const notesAt = notesByOperation(payload.notes);
  const made = new Map(payload.integrations.map(({ id, name }) => [id, name]));
  const read = payload.routes.map((route): ImportRow => {
    const { match, pointer, integrationId } = route;
    const name = route.integration?.name ?? made.get(integrationId ?? "");
    return {
      key: `${route.method} ${route.path}`,
      fate: route.fate,
      method: route.method,
      path: route.path,
      operationId: route.operationId,
      summary: route.summary,
      tags: route.tags,
      serverUrl: route.serverUrl,
      match,
      integration:
        (match === null ? undefined : assigned.get(match)) ??
        (integrationId === null || name === undefined ? null : { id: integrationId, label: name }),
      notes: pointer === null ? [] : (notesAt.get(pointer) ?? []),
    };
  });
  const unread = payload.unreadOperations.map(
    ({ method, path, operationId, pointer }): ImportRow => ({
      key: `unread ${pointer}`,
      fate: "NOT_READ",
      method: method ?? "ALL",
      path,
      operationId: operationId ?? "",
      summary: "",
      tags: [],
      serverUrl: null,
      match: null,
      integration: null,
      notes: notesAt.get(pointer) ?? [],
    }),
  );
  return [...unread, ...read];
}

/** By the operation's pointer, `/paths/~1orders/get`, and those of a path by the path's. */
function notesByOperation(notes: readonly ImportNote[]): ReadonlyMap<string, readonly ImportNote[]> {
  const found = new Map<string, ImportNote[]>();
  for (const note of notes) {
    if (isMissingIntegration(note)) continue;
    const pointer = note.pointer.split("/").slice(0, 4).join("/");
    const known = found.get(pointer);
    if (known === undefined) found.set(pointer, [note]);
    else known.push(note);
  }
  return found;
}

/** Operations without an integration are chosen one; they are no errors of the document. */
export function isMissingIntegration({ code }: { readonly code: string }): boolean {
  return code === "mapping.missing" || code === "server.missing";
}

function isMissing(row: ImportRow): boolean {
  return row.match !== null && row.integration === null;
}

export function filterRows(rows: readonly ImportRow[], filter: RowFilter): readonly ImportRow[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return rows.filter((row) => {
    if (filter.fate === "MISSING" ? !isMissing(row) : filter.fate !== null && row.fate !== filter.fate)
      return false;
    if (filter.tag !== null && !row.tags.includes(filter.tag)) return false;
    if (filter.serverUrl !== null && row.serverUrl !== filter.serverUrl) return false;
    if (words.length === 0) return true;
    const text = `${row.method} ${row.path} ${row.summary} ${row.operationId}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export type FateCounts = Readonly<Record<ImportFate | "MISSING", number>>;

export function countFates(rows: readonly ImportRow[]): FateCounts {
  const counts = { ADDED: 0, CHANGED: 0, UNCHANGED: 0, KEPT: 0, REMOVED: 0, NOT_READ: 0, MISSING: 0 };
  for (const row of rows) {
    counts[row.fate]++;
    if (isMissing(row)) counts.MISSING++;
  }
  return counts;
}

/** `12 added, 3 changed, 1 deleted`; without what does not change. */
export function countsText(counts: FateCounts): string {
  const parts = (["ADDED", "CHANGED", "REMOVED", "UNCHANGED", "KEPT", "NOT_READ"] as const).flatMap((fate) =>
    counts[fate] === 0 ? [] : [`${counts[fate].toLocaleString("en")} ${fateLabels[fate].toLowerCase()}`],
  );
  return parts.length === 0 ? "No operations" : parts.join(", ");
}

/** Distinct values in their first order. */
export function distinct<T>(rows: readonly ImportRow[], of: (row: ImportRow) => Iterable<T>): readonly T[] {
  const found = new Set<T>();
  for (const row of rows) for (const value of of(row)) found.add(value);
  return [...found];
}
