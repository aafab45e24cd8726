/** The notes of an import that need more than the document: stored routes, servers, integrations and the Api. Pure. */
import { type ImportResult, type ReportItem, reportSeverities } from "@latchkey/openapi";
import { type Outcome, userError } from "../../errors/user-error.js";
import { shownLine, shownLines } from "../../forms/form.js";
import type { Api, Route } from "./api.js";
import type { ImportNote } from "./import-note.js";
import type { MatchedRoute } from "./import-routes.js";
import { isVersionLabel } from "./version-label.js";

/** The reader knows neither stored routes nor servers: what is missing is found here. Servers are used where they are asked for. */
export function withoutSolved(
  report: readonly ReportItem[],
  solved: ReadonlySet<MatchedRoute>,
  isFromServers: boolean,
): readonly ImportNote[] {
  const lists = new Set(isFromServers ? [...solved].map(({ imported }) => imported.server.pointer) : []);
  return report.filter((item) => item.code !== "mapping.missing" && !lists.has(item.pointer));
}

export function missingNotes(
  matched: readonly MatchedRoute[],
  solved: ReadonlySet<MatchedRoute>,
  isFromServers: boolean,
): readonly ImportNote[] {
  return matched.flatMap((route): ImportNote[] => {
    if (solved.has(route)) return [];
    const { method, pointer, server } = route.imported;
    const name = `${method} ${server.path}`;
    return [
      isFromServers
        ? {
            severity: "error",
            code: "server.missing",
            pointer,
            message: `The document names no server for ${name} with an http or https address: set serverUrl.`,
          }
        : {
            severity: "error",
            code: "mapping.missing",
            pointer,
            message: `Nothing says which integration serves ${name}: map it, set a default, or make integrations of the document's servers.`,
          },
    ];
  });
}

export function sparedNote({ method, pattern }: Route): ImportNote {
  return {
    severity: "behavior",
    code: "route.spared",
    pointer: "/paths",
    message: `${method} ${pattern} is not deleted: the document may have it in an operation that was not read.`,
  };
}

export function changedSchemaNote(name: string): ImportNote {
  return {
    severity: "behavior",
    code: "schema.replaced",
    pointer: `/components/schemas/${name}`,
    message: `"${name}" is the document's schema now; routes that the document does not have use it too.`,
  };
}

/** A new Api takes the document's version, if it can be one; an Api that is there keeps its own. */
export function versionNotes({ model }: ImportResult, api: Api | null): readonly ImportNote[] {
  if (model === null) return [];
  const isTaken = api === null ? isVersionLabel(model.version) : api.versionLabel === model.version;
  if (isTaken) return [];
  const message =
    api === null
      ? "This cannot be the version of an API, which is v1 now."
      : "The API keeps its own version.";
  return [{ severity: "documentation", code: "no_counterpart", pointer: "/info/version", message }];
}

/** Texts of the document's head in which something cannot be shown, and which a new Api has without it. */
export function textNotes({ model }: ImportResult, api: Api | null): readonly ImportNote[] {
  if (model === null || api !== null) return [];
  const texts = [
    ["/info/title", model.title, shownLine(model.title)],
    ["/info/description", model.summary, shownLines(model.summary)],
  ] as const;
  return texts.flatMap(([pointer, given, shown]): ImportNote[] =>
    given.trim() === shown
      ? []
      : [
          {
            severity: "documentation",
            code: "text.respelled",
            pointer,
            message: "The text has characters that cannot be shown; the API has it without them.",
          },
        ],
  );
}

/** Errors first; else in the order in which they were found. */
export function bySeverity(notes: readonly ImportNote[]): readonly ImportNote[] {
  return reportSeverities.flatMap((severity) => notes.filter((note) => note.severity === severity));
}

/** True of what is no error, too. */
export function isMissingIntegration({ severity, code }: ImportNote): boolean {
  return severity !== "error" || code === "mapping.missing" || code === "server.missing";
}

export function firstFailure(notes: readonly ImportNote[]): Outcome<never> | null {
  const errors = notes.filter((note) => note.severity === "error");
  const [first] = errors;
  if (first === undefined) return null;
  const more = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  const where = first.pointer === "" ? "" : ` at ${first.pointer}`;
  return userError("IMPORT_FAILED", ["input", "document"], `${first.message}${where}${more}`);
}
