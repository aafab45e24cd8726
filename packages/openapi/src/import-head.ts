/** What a document says beside its operations: info, server, security and tags. */

import { NO_SERVER_DESCRIPTION, SERVER_DESCRIPTION } from "./document-server.js";
import type { ImportReport } from "./import-report.js";
import { readInfo } from "./info.js";
import {
  cleanJson,
  equalJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  truncate,
} from "./json.js";
import { type ApiModel, DEFAULT_KEY_HEADER } from "./read-model.js";
import { KEY_SCHEME, type SecurityModel, securityOf, securitySchemesOf } from "./security.js";
import type { Cursor } from "./source-cursor.js";
import { tagObject } from "./tags.js";

const TITLE_CHARS_MAX = 200;
const SUMMARY_CHARS_MAX = 10_000;

type DocumentHead = Pick<ApiModel, "title" | "summary" | "version" | "info">;

export function readHead(info: Cursor | null, report: ImportReport): DocumentHead {
  const more = readInfo(info);
  const title = limited(report, info, "title", TITLE_CHARS_MAX);
  // 3.1 has a short summary beside the description; an Api has one text.
  const key = info?.peek("description") === undefined ? "summary" : "description";
  const summary = limited(report, info, key, SUMMARY_CHARS_MAX);
  const given = info?.peek("version");
  const version = typeof given === "number" ? String(given) : given;
  // Part of the model, whether the caller has a place for it or not.
  if (typeof version === "string") info?.child("version")?.take();
  return {
    title,
    summary,
    version: typeof version === "string" ? version : "v1",
    ...(more === undefined ? {} : { info: more }),
  };
}

function limited(report: ImportReport, at: Cursor | null, key: string, charsMax: number): string {
  const text = at?.text(key) ?? "";
  if (text.length > charsMax) {
    const pointer = `${at?.pointer ?? ""}/${key}`;
    report.add("documentation", "text.truncated", pointer, `The text is cut to ${charsMax} characters.`);
  }
  return truncate(text, charsMax);
}

/** The public URL in a document of ours; null for the servers of others, which are kept for integrations. */
export function readServer(root: Cursor): string | null {
  const servers = root.peek("servers");
  const first = isArray(servers) && servers.length === 1 ? servers[0] : undefined;
  if (!isObject(first)) return null;
  const url = member(first, "url");
  const description = member(first, "description");
  if (url === "/" && description === NO_SERVER_DESCRIPTION) {
    root.child("servers")?.take();
  } else if (typeof url === "string" && description === SERVER_DESCRIPTION) {
    root.child("servers")?.take();
    return url;
  }
  return null;
}

/** The key and tokens in a document of ours; those of others are the targets' own. */
export function readSecurity(root: Cursor): SecurityModel {
  const components = root.child("components");
  // Each component for itself is used or not.
  for (const kind of components?.keys() ?? []) if (kind !== "securitySchemes") components?.child(kind);
  const schemes = components?.peek("securitySchemes");
  const key = isObject(schemes) ? member(schemes, KEY_SCHEME) : undefined;
  const name = isObject(key) ? member(key, "name") : undefined;
  if (typeof name !== "string") return { webhook: false };
  for (const webhook of [false, true]) {
    for (const bearerRequired of [false, true]) {
      const model: SecurityModel = {
        webhook,
        ...(bearerRequired ? { bearerRequired } : {}),
        ...(name === DEFAULT_KEY_HEADER ? {} : { keyHeaderName: name }),
      };
      const isOwn =
        equalJson(schemes, securitySchemesOf(model)) && equalJson(root.peek("security"), securityOf(model));
      if (!isOwn) continue;
      components?.child("securitySchemes")?.take();
      root.child("security")?.take();
      return model;
    }
  }
  return { webhook: false };
}

/** Tag Objects, without those that a document of ours has for operations that have no tag. */
export function readTags(root: Cursor): {
  readonly tags: readonly JsonObject[];
  readonly ownTags: ReadonlySet<string>;
} {
  const list = root.child("tags");
  const ownTags = new Set<string>();
  const tags: JsonObject[] = [];
  for (const index of list?.keys() ?? []) {
    const tag = list?.child(index);
    const name = tag?.text("name");
    if (tag === null || tag === undefined || name === undefined) continue;
    const kept: { [key: string]: Json } = { name };
    for (const key of ["description", "externalDocs"]) {
      const value = tag.child(key)?.take();
      if (value !== undefined) kept[key] = cleanJson(value);
    }
    if (equalJson(kept, tagObject(name))) ownTags.add(name);
    else tags.push(kept);
  }
  return { tags, ownTags };
}
