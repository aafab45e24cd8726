/** What the palette lists for a search: pages and actions by their words, and what the server found. Pure. */
import type { PaletteQuery } from "../../gen/palette.js";
import { kindLabels } from "../../pages/credentials/credential-kinds.js";

/** Of each kind. */
export const FOUND_MAX = 5;

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  readonly detail: string | null;
  /** Where it leads; null: `action` says what it does. */
  readonly to: string | null;
  readonly action: PaletteAction | null;
}

export type PaletteAction = "theme:light" | "theme:dark" | "theme:auto" | "signOut";

export interface PaletteGroup {
  readonly label: string;
  readonly kind: "action" | "page" | "api" | "route" | "integration" | "credential" | "key";
  readonly entries: readonly PaletteEntry[];
}

const page = (label: string, to: string): PaletteEntry => ({ id: to, label, detail: null, to, action: null });
const act = (label: string, action: PaletteAction): PaletteEntry => ({
  id: action,
  label,
  detail: null,
  to: null,
  action,
});

const actions = [
  page("Create API", "/apis/new"),
  page("Create integration", "/integrations/new"),
  page("Create credential", "/credentials/new"),
  page("Import OpenAPI document", "/apis/import"),
  act("Use the light theme", "theme:light"),
  act("Use the dark theme", "theme:dark"),
  act("Use the system's theme", "theme:auto"),
  act("Sign out", "signOut"),
];

const pages = [
  page("Overview", "/"),
  page("APIs", "/apis"),
  page("Integrations", "/integrations"),
  page("Credentials", "/credentials"),
  page("Subscriptions", "/subscriptions"),
  page("Traffic", "/traffic"),
  page("Requests", "/requests"),
  page("Nodes", "/nodes"),
  page("Activity", "/activity"),
  page("Sessions", "/sessions"),
];

/** A pasted secret is cut to the characters that are shown of a key: the rest never leaves the page. */
export function searchText(typed: string): string {
  return typed.trim().replace(/\blk_\S{7,}/g, (secret) => secret.slice(0, 9));
}

/** What the server found last. */
export interface Found {
  readonly found: PaletteQuery | null;
  readonly foundFor: string;
}

export function paletteGroups(text: string, { found, foundFor }: Found): readonly PaletteGroup[] {
  const groups: readonly PaletteGroup[] = [
    ...(found === null
      ? []
      : foundGroups(foundFor, found).map((group) => (foundFor === text ? group : narrowed(group, text)))),
    { label: "Actions", kind: "action", entries: actions.filter((entry) => hasWords(entry.label, text)) },
    { label: "Pages", kind: "page", entries: pages.filter((entry) => hasWords(entry.label, text)) },
  ];
  return groups.filter(({ entries }) => entries.length > 0);
}

/** Until the next results are there, Enter must not open what no longer matches. */
function narrowed(group: PaletteGroup, text: string): PaletteGroup {
  return {
    ...group,
    entries: group.entries.filter(({ label, detail }) => hasWords(`${label} ${detail ?? ""}`, text)),
  };
}

function foundGroups(
  text: string,
  { apis, searchRoutes, integrations, credentials, apiKeys }: PaletteQuery,
): PaletteGroup[] {
  const query = new URLSearchParams({ q: text });
  return [
    {
      label: "APIs",
      kind: "api",
      entries: [
        ...byLabel(
          text,
          apis.nodes.map((api) => entry(api.id, api.title, api.subscription.name, `/apis/${api.id}`)),
        ),
        ...rest(apis.totalCount, apis.nodes.length, "APIs", `/apis?${query}`),
      ],
    },
    {
      label:
        searchRoutes.length > FOUND_MAX ? `Routes (the first ${FOUND_MAX}: type more to narrow)` : "Routes",
      kind: "route",
      entries: searchRoutes
        .slice(0, FOUND_MAX)
        .map(({ id, method, path, api }) => entry(id, `${method} ${path}`, api.title, `/apis/${api.id}`)),
    },
    {
      label: "Integrations",
      kind: "integration",
      entries: [
        ...integrations.nodes.map(({ id, name, urls }) =>
          entry(id, name, urls[0] ?? null, `/integrations/${id}`),
        ),
        ...rest(integrations.totalCount, integrations.nodes.length, "integrations", `/integrations?${query}`),
      ],
    },
    {
      label: "Credentials",
      kind: "credential",
      entries: [
        ...credentials.nodes.map(({ id, name, kind }) =>
          entry(id, name, kindLabels[kind], `/credentials/${id}`),
        ),
        ...rest(credentials.totalCount, credentials.nodes.length, "credentials", `/credentials?${query}`),
      ],
    },
    {
      label: keysLabel(apiKeys.totalCount, apiKeys.nodes.length),
      kind: "key",
      entries: apiKeys.nodes.map(({ id, name, display, api }) =>
        entry(id, name, `${display} of ${api.title}`, `/apis/${api.id}/keys/${id}`),
      ),
    },
  ];
}

/** What matches by its title comes before what matches by its summary or a path. */
function byLabel(text: string, entries: readonly PaletteEntry[]): readonly PaletteEntry[] {
  return entries.toSorted((a, b) => Number(hasWords(b.label, text)) - Number(hasWords(a.label, text)));
}

/** There is no page of all keys to lead to. */
function keysLabel(total: number, shown: number): string {
  return total > shown ? `Keys (${shown} of ${total}: type more to narrow)` : "Keys";
}

function rest(total: number, shown: number, noun: string, to: string): readonly PaletteEntry[] {
  return total > shown ? [page(`Show all ${total} ${noun} that match`, to)] : [];
}

function entry(id: string, label: string, detail: string | null, to: string): PaletteEntry {
  return { id, label, detail, to, action: null };
}

function hasWords(label: string, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/);
  return words.every((word) => label.toLowerCase().includes(word));
}
