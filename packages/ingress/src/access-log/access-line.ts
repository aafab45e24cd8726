/** Writes an access entry as a line: JSON with chosen fields, or Apache's combined format. Never throws. */
import { type AccessEntry, type AccessField, accessFields } from "./access-entry.js";

/** So that a line stays within what one write to a pipe keeps whole. */
const PATH_CHARS_MAX = 1_024;
const QUERY_CHARS_MAX = 256;
/** A client may send any token for a method. */
const METHOD_CHARS_MAX = 32;

export type AccessLine = (entry: AccessEntry) => string;

/** What an entry has under a field's name; empty: nothing. `node` is the caller's. */
export const entryValues: Readonly<Record<AccessField, (entry: AccessEntry) => string | number>> = {
  time: ({ atMs }) => new Date(atMs).toISOString(),
  node: () => "",
  interchangeId: ({ interchangeId }) => interchangeId,
  client: ({ clientAddress }) => clientAddress,
  method: ({ method }) => method.slice(0, METHOD_CHARS_MAX),
  path: ({ path }) => path.slice(0, PATH_CHARS_MAX),
  query: ({ query }) => namesOf(query),
  status: ({ status }) => status,
  code: ({ code }) => code,
  api: ({ apiId }) => apiId,
  route: ({ routeId }) => routeId,
  key: ({ keyId }) => keyId,
  integration: ({ integrationId }) => integrationId,
  durationMs: ({ durationUs }) => durationUs / 1000,
  gatewayMs: ({ gatewayUs }) => gatewayUs / 1000,
  requestBytes: ({ requestBytes }) => requestBytes,
  responseBytes: ({ responseBytes }) => responseBytes,
  traceId: ({ traceId }) => traceId,
  spanId: ({ spanId }) => spanId,
};

export function jsonLine(fields: readonly AccessField[], nodeId: string): AccessLine {
  const chosen = accessFields.filter((field) => fields.includes(field));
  const values = { ...entryValues, node: () => nodeId };
  return (entry) => {
    let line = "{";
    for (const field of chosen) {
      const value = values[field](entry);
      // Without an API, a route or a code there is nothing to say.
      if (value !== "") line += `${line === "{" ? "" : ","}"${field}":${JSON.stringify(value)}`;
    }
    return `${line}}\n`;
  };
}

/** The key's id stands for the user. Referer and user agent are headers, and left out. */
export function combinedLine(entry: AccessEntry): string {
  const { clientAddress, keyId, atMs, status, responseBytes } = entry;
  const method = escaped(entry.method.slice(0, METHOD_CHARS_MAX));
  const path = escaped(entry.path.slice(0, PATH_CHARS_MAX));
  const bytes = responseBytes === 0 ? "-" : responseBytes;
  // As Apache does where it read no request.
  const request = method === "" ? "-" : `${method} ${path} HTTP/1.1`;
  return `${clientAddress} - ${keyId || "-"} [${apacheTime(atMs)}] "${request}" ${status} ${bytes} "-" "-"\n`;
}

/** `page=2&token=x&y` becomes `page&token&…`: what has no value may be one. */
function namesOf(query: string): string {
  if (query === "") return "";
  const names = query.split("&").map((part) => (part.includes("=") ? part.slice(0, part.indexOf("=")) : "…"));
  return names.join("&").slice(0, QUERY_CHARS_MAX);
}

/** As Apache does: quotes, backslashes and what is not visible ASCII. */
function escaped(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/g, (char) =>
    char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `29/Nov/2026:16:20:00 +0000` */
function apacheTime(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
