// HOT. The text of outgoing heads: field lines from a flat list, with each name checked once and remembered. Refuses
// names that are no tokens or that belong to the framing. Values are checked on the wire by `SocketWriter.writeHead`.

import { isToken } from "@latchkey/core";
import { type Fields, ONCE } from "./fields.js";

/** Written by the codec itself, never taken from a list. */
const OWN = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "te",
  "trailer",
]);
const OWN_OF_REQUESTS = new Set(["host", "expect"]);
/** Names remembered for each side. A gateway sends a few hundred; strangers' names must not grow it. */
const REMEMBERED_MAX = 2_048;
const NAME_REMEMBERED_MAX = 64;

/** Name → `CRLF name: `; null for a name that may not be sent. */
type Prefixes = Map<string, string>;

const requestPrefixes: Prefixes = new Map();
const responsePrefixes: Prefixes = new Map();

function learn(prefixes: Prefixes, name: string): string | null {
  if (!isToken(name)) return null;
  const lower = name.toLowerCase();
  if (OWN.has(lower) || (prefixes === requestPrefixes && OWN_OF_REQUESTS.has(lower))) return null;
  const prefix = `\r\n${name}: `;
  if (name.length <= NAME_REMEMBERED_MAX && prefixes.size < REMEMBERED_MAX) prefixes.set(name, prefix);
  return prefix;
}

/**
 * Field lines, each with its line end in front; null when a name is refused.
 * The result is a rope of the parts: cheap to make, flattened once when it is written.
 */
function fieldLines(prefixes: Prefixes, fields: readonly string[]): string | null {
  let text = "";
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    const prefix = prefixes.get(name) ?? learn(prefixes, name);
    if (prefix === null) return null;
    text += prefix + fields[i + 1]!;
  }
  return text;
}

export function requestFieldLines(fields: readonly string[]): string | null {
  return fieldLines(requestPrefixes, fields);
}

/** As `requestFieldLines`, for lines that go out with many requests. */
export function standingFieldLines(fields: Fields): string | null {
  const { derived } = fields;
  if (typeof derived === "string") return derived;
  const text = requestFieldLines(fields.list);
  if (text !== null) fields.derived = derived === null ? ONCE : flatText(text);
  return text;
}

/** The same text in one piece: a rope of parts is walked through at each use. */
export function flatText(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

export function responseFieldLines(fields: readonly string[]): string | null {
  return fieldLines(responsePrefixes, fields);
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function isSendableMethod(method: string): boolean {
  return methods.has(method) || (isToken(method) && method !== "CONNECT");
}

/** True when an answer with this status has no body whatever its headers say (RFC 9110 §6.4.1). */
export function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}
