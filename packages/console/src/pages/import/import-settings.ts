/** What the person chose for an import, and the input that it makes. Pure. */
import type { ImportOpenApiInput, ImportSplit, ImportValidate } from "../../gen/import.js";
import type { Option } from "../../ui/remote-select.js";

export interface ImportTarget {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly subscription: { readonly id: string };
}

export interface ImportSettings {
  /** Of a new API. */
  readonly subscriptionId: string | null;
  /** Of a new API; empty: the document's. */
  readonly title: string;
  /** The document becomes several new APIs; null: one. */
  readonly split: ImportSplit | null;
  /** Where operations lead that have no integration otherwise. */
  readonly rest: "one" | "servers";
  readonly integration: Option | null;
  /** Empty: the document's. */
  readonly serverUrl: string;
  /** By `match` of the operation. */
  readonly assigned: ReadonlyMap<string, Option>;
  readonly prefix: "document" | "none" | "other";
  /** For `other`. */
  readonly pathPrefix: string;
  readonly validate: ImportValidate;
  readonly replace: boolean;
}

export const initialSettings: ImportSettings = {
  subscriptionId: null,
  title: "",
  split: null,
  rest: "one",
  integration: null,
  serverUrl: "",
  assigned: new Map(),
  prefix: "document",
  pathPrefix: "",
  validate: "KEEP",
  replace: false,
};

/** Without the title, which changes no route. Null while something is missing without which nothing can be shown. */
export function toImportInput(
  document: string | null,
  target: ImportTarget | null,
  settings: ImportSettings,
): ImportOpenApiInput | null {
  const { subscriptionId } = settings;
  if (document === null || (target === null && subscriptionId === null)) return null;
  const { rest, integration, serverUrl, prefix, pathPrefix } = settings;
  const pathPrefixGiven = prefix === "none" ? "" : prefix === "other" ? pathPrefix.trim() : null;
  return {
    document,
    ...(target === null
      ? { subscriptionId, split: settings.split }
      : { apiId: target.id, expectedVersion: target.version }),
    integrations: rest === "servers" ? "FROM_SERVERS" : "MAPPED",
    ...(rest === "servers" && serverUrl.trim() !== "" && { serverUrl: serverUrl.trim() }),
    ...(pathPrefixGiven !== null && { pathPrefix: pathPrefixGiven }),
    validate: settings.validate,
    replace: settings.replace,
    mapping: {
      default: rest === "one" ? (integration?.id ?? null) : null,
      operations: [...settings.assigned].map(([match, { id }]) => ({ match, integrationId: id })),
    },
  };
}

/** With one integration for some operations, or without one of their own. */
export function assign(
  assigned: ReadonlyMap<string, Option>,
  matches: Iterable<string>,
  integration: Option | null,
): ReadonlyMap<string, Option> {
  const next = new Map(assigned);
  for (const match of matches)
    if (integration === null) next.delete(match);
    else next.set(match, integration);
  return next;
}
