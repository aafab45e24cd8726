/**
 * What an imported document says of the servers behind it, and which of its operations were not read: needed to make
 * integrations of servers and to delete routes. Reads the parsed document; changes and reports nothing.
 */

import { parseUrl } from "@latchkey/core";
import { NO_SERVER_DESCRIPTION, SERVER_DESCRIPTION } from "./document-server.js";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  pointerOf,
  pointerTokens,
  valueAt,
} from "./json.js";
import { anyMethods, type ConcreteMethod } from "./read-model.js";

export interface ImportSource {
  /** Path of the document's first server, without a slash at its end: `/api/v3`. Empty in a document of ours. */
  readonly serverPath: string;
  readonly unread: readonly UnreadOperation[];
  /** By name. None of a document of ours: the key is the gateway's. */
  readonly securitySchemes: { readonly [name: string]: SecurityScheme };
}

/** An operation that the document has, and that did not become a route. */
export interface UnreadOperation {
  /** Null: any; the path item could not be read. */
  readonly method: ConcreteMethod | null;
  /** As in the document. */
  readonly path: string;
  readonly operationId: string | null;
  readonly pointer: string;
}

export interface SecurityScheme {
  readonly pointer: string;
  /** In words: `an API key in the header "X-Key"`. */
  readonly credential: string;
}

/** Where the document says that an operation is served. */
export interface OperationServer {
  /** Of the first server, without a slash at its end; null when it has no http(s) address. */
  readonly url: string | null;
  /** Servers beside the first. */
  readonly others: number;
  /** Where the servers are listed. */
  readonly pointer: string;
  /** The path template, as in the document. */
  readonly path: string;
  /** Names of the security schemes that it asks for. */
  readonly security: readonly string[];
}

/** `read`: pointers of the operations that became routes, or the same route as another one. */
export function importSourceOf(root: JsonObject, read: ReadonlySet<string>): ImportSource {
  return { serverPath: serverPathOf(root), unread: unreadOf(root, read), securitySchemes: schemesOf(root) };
}

/** Of an operation by its pointer: `/paths/~1orders/get`. */
export function serverOf(root: JsonObject, pointer: string): OperationServer {
  const tokens = pointerTokens(pointer) ?? [];
  const [, path = "", method = ""] = tokens;
  const pathItem = resolved(root, valueAt(root, ["paths", path]));
  const operation = isObject(pathItem) ? resolved(root, member(pathItem, method)) : undefined;
  const levels = [
    [operation, [...tokens, "servers"]],
    [pathItem, ["paths", path, "servers"]],
    [root, ["servers"]],
  ] as const;
  for (const [level, at] of levels) {
    const servers = isObject(level) ? member(level, "servers") : undefined;
    if (!isArray(servers) || servers.length === 0) continue;
    return {
      url: isOwn(servers[0]) ? null : absolute(urlOf(servers[0])),
      others: servers.length - 1,
      pointer: pointerOf(at),
      path,
      security: securityOf(root, operation),
    };
  }
  return { url: null, others: 0, pointer: "", path, security: securityOf(root, operation) };
}

/** In our documents servers are the ingress, not what is behind it. */
function isOwn(server: Json | undefined): boolean {
  const description = isObject(server) ? member(server, "description") : undefined;
  return description === SERVER_DESCRIPTION || description === NO_SERVER_DESCRIPTION;
}

/** With its variables' defaults. */
function urlOf(server: Json | undefined): string {
  if (!isObject(server)) return "";
  const url = member(server, "url");
  const variables = member(server, "variables");
  if (typeof url !== "string") return "";
  return url.replace(/\{([^{}]+)\}/g, (text, name: string) => {
    const variable = isObject(variables) ? member(variables, name) : undefined;
    const value = isObject(variable) ? member(variable, "default") : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : text;
  });
}

function absolute(url: string): string | null {
  if (!/^https?:\/\//i.test(url) || /[{}]/.test(url) || parseUrl(url) === null) return null;
  const { origin, pathname } = new URL(url);
  return `${origin}${withoutSlash(pathname)}`;
}

function serverPathOf(root: JsonObject): string {
  const servers = member(root, "servers");
  const first = isArray(servers) ? servers[0] : undefined;
  const url = urlOf(first);
  if (url === "" || isOwn(first) || /[{}]/.test(url) || parseUrl(url, "http://document.invalid") === null)
    return "";
  return withoutSlash(new URL(url, "http://document.invalid").pathname);
}

function withoutSlash(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

function unreadOf(root: JsonObject, read: ReadonlySet<string>): readonly UnreadOperation[] {
  const paths = member(root, "paths");
  if (!isObject(paths)) return [];
  const unread: UnreadOperation[] = [];
  for (const [path, value] of Object.entries(paths)) {
    if (path.startsWith("x-")) continue;
    const pathItem = resolved(root, value);
    if (!isObject(pathItem)) {
      unread.push({ method: null, path, operationId: null, pointer: pointerOf(["paths", path]) });
      continue;
    }
    for (const method of anyMethods) {
      const key = method.toLowerCase();
      const operation = member(pathItem, key);
      const pointer = pointerOf(["paths", path, key]);
      if (operation === undefined || read.has(pointer)) continue;
      const id = isObject(operation) ? member(operation, "operationId") : undefined;
      unread.push({ method, path, operationId: typeof id === "string" ? id : null, pointer });
    }
  }
  return unread;
}

function securityOf(root: JsonObject, operation: Json | undefined): readonly string[] {
  const own = isObject(operation) ? member(operation, "security") : undefined;
  const security = own ?? member(root, "security");
  if (!isArray(security)) return [];
  // An empty alternative means that no credential is needed.
  if (security.some((one) => isObject(one) && Object.keys(one).length === 0)) return [];
  return [...new Set(security.flatMap((one) => (isObject(one) ? Object.keys(one) : [])))];
}

function schemesOf(root: JsonObject): { readonly [name: string]: SecurityScheme } {
  const servers = member(root, "servers");
  if (isArray(servers) && isOwn(servers[0])) return {};
  const schemes = valueAt(root, ["components", "securitySchemes"]);
  if (!isObject(schemes)) return {};
  return Object.fromEntries(
    Object.entries(schemes).map(([name, value]) => [
      name,
      {
        pointer: pointerOf(["components", "securitySchemes", name]),
        credential: credentialOf(resolved(root, value)),
      },
    ]),
  );
}

function credentialOf(scheme: Json | undefined): string {
  const text = (key: string) => {
    const value = isObject(scheme) ? member(scheme, key) : undefined;
    return typeof value === "string" ? value : "";
  };
  switch (text("type")) {
    case "apiKey":
      return `an API key in the ${text("in") || "header"} "${text("name")}"`;
    case "http":
      return text("scheme").toLowerCase() === "basic"
        ? "a user name and password (HTTP Basic)"
        : "a bearer token";
    case "oauth2":
      return "an OAuth 2.0 token";
    case "openIdConnect":
      return "an OpenID Connect token";
    case "mutualTLS":
      return "a client certificate";
    default:
      return "a credential";
  }
}

const HOPS_MAX = 16;

/** Follows references within the document; undefined when they lead nowhere. */
function resolved(root: JsonObject, value: Json | undefined): Json | undefined {
  let at = value;
  for (let hops = 0; hops < HOPS_MAX; hops++) {
    const target = isObject(at) ? member(at, "$ref") : undefined;
    if (typeof target !== "string") return at;
    const tokens = target.startsWith("#/") ? pointerTokens(target.slice(1)) : null;
    at = tokens === null ? undefined : valueAt(root, tokens);
  }
  return undefined;
}
