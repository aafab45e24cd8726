/**
 * What a trusted proxy wrote about the client, in the one header that `trustedProxyHeader` names. Elements that do not
 * parse are dropped, so that an integration reads addresses, schemes and hosts and nothing else.
 */
import { isIP } from "node:net";
import { isToken } from "@latchkey/core";
import { isHost } from "../fronts/framing.js";

/** The header that trusted proxies write. */
export type TrustedProxyHeader = "x-forwarded-for" | "forwarded";

/** Null: the proxy wrote nothing that can be read. */
export interface CarriedForwarding {
  /** Elements of `Forwarded` (RFC 7239). */
  readonly forwarded: string | null;
  /** Addresses, the client's first. */
  readonly forwardedFor: string | null;
  /** The same with `unknown` where an element names no address: those before it are not the client's just because of that. */
  readonly hops: readonly string[];
  readonly proto: string | null;
  readonly host: string | null;
}

/** Of an element that names no address (RFC 7239 §6.2). */
const UNKNOWN = "unknown";
/** No address is longer, with brackets and port. */
const NODE_CHARS_MAX = 64;

/** @param values as they came; several lines joined by commas, null when there was none */
export function carriedFromForwardedFor(
  forwardedFor: string | null,
  proto: string | null,
  host: string | null,
): CarriedForwarding | null {
  const hops = elements(forwardedFor, (text) => (text === "" ? null : (addressOf(text) ?? UNKNOWN)));
  const addresses = hops.filter(isAddress);
  const protos = elements(proto, (text) => (isScheme(text) ? text.toLowerCase() : null));
  const hosts = elements(host, (text) => (isHost(text) ? text : null));
  if (hops.length === 0 && protos.length === 0 && hosts.length === 0) return null;
  return {
    forwarded: addresses.length === 0 ? null : addresses.map(forwardedForOf).join(", "),
    forwardedFor: joined(addresses),
    hops,
    proto: joined(protos),
    host: joined(hosts),
  };
}

/** @param lines as they came, each by itself: what the client did not close ends with its line */
export function carriedFromForwarded(lines: readonly string[]): CarriedForwarding | null {
  const texts: string[] = [];
  const hops: string[] = [];
  let proto: string | null = null;
  let host: string | null = null;
  for (const text of lines.flatMap((line) => splitOutsideQuotes(line, ","))) {
    if (text.trim() === "") continue;
    const element = parseElement(text);
    const node = element?.get("for");
    hops.push((node === undefined ? null : addressOf(node)) ?? UNKNOWN);
    // The last one is that of the proxy that is trusted: what it leaves out may be anybody's in those before.
    proto = element?.get("proto")?.toLowerCase() ?? null;
    host = element?.get("host") ?? null;
    if (element !== null) texts.push(text.trim());
  }
  return hops.length === 0
    ? null
    : { forwarded: joined(texts), forwardedFor: joined(hops.filter(isAddress)), hops, proto, host };
}

/** `for=192.0.2.1` or `for="[2001:db8::1]"` (RFC 7239 §6). */
export function forwardedForOf(address: string): string {
  if (address === "") return "for=unknown";
  return address.includes(":") ? `for="[${address}]"` : `for=${address}`;
}

function isAddress(hop: string): boolean {
  return hop !== UNKNOWN;
}

function joined(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : texts.join(", ");
}

function elements(value: string | null, read: (text: string) => string | null): string[] {
  if (value === null) return [];
  const kept: string[] = [];
  for (const text of value.split(",")) {
    const element = read(text.trim());
    if (element !== null) kept.push(element);
  }
  return kept;
}

/** The parameters of an element, names in lower case; null when it does not parse. */
function parseElement(text: string): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>();
  for (const pair of splitOutsideQuotes(text, ";")) {
    const trimmed = pair.trim();
    const equals = trimmed.indexOf("=");
    const name = trimmed.slice(0, equals).toLowerCase();
    const value = equals < 0 ? null : unquoted(trimmed.slice(equals + 1));
    if (value === null || !isToken(name) || values.has(name) || !isValueOf(name, value)) return null;
    values.set(name, value);
  }
  return values;
}

function isValueOf(name: string, value: string): boolean {
  switch (name) {
    case "for":
    case "by":
      return addressOf(value) !== null || isObscured(value);
    case "proto":
      return isScheme(value);
    case "host":
      return isHost(value);
    default:
      return true;
  }
}

/** A token, or the content of a quoted string (RFC 9110 §5.6.4); null when it is neither. */
function unquoted(text: string): string | null {
  if (!text.startsWith('"')) return isToken(text) ? text : null;
  if (text.length < 2 || !text.endsWith('"')) return null;
  const content = text.slice(1, -1);
  // No node, host or scheme needs an escape.
  return content.includes('"') || content.includes("\\") ? null : content;
}

/**
 * Parts between separators that are not in a quoted string. Where a quote stays open, all separators count: the client may have
 * opened it to hide what a proxy wrote behind it.
 */
function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\" && isQuoted) i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (isQuoted) return text.split(separator);
  parts.push(text.slice(from));
  return parts;
}

/** The bare address of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:80`, or null. */
function addressOf(node: string): string | null {
  if (node.length > NODE_CHARS_MAX) return null;
  let address = node;
  let port = "";
  if (node.startsWith("[")) {
    const end = node.indexOf("]");
    address = node.slice(1, end);
    port = node.slice(end + 1);
    if (end < 0 || isIP(address) !== 6) return null;
  } else {
    const colon = node.indexOf(":");
    if (colon >= 0 && node.indexOf(":", colon + 1) < 0) {
      address = node.slice(0, colon);
      port = node.slice(colon);
    }
  }
  if (isIP(address) === 0 || address.includes("%")) return null;
  return port === "" || isPort(port) ? address : null;
}

function isPort(text: string): boolean {
  if (text.length < 2 || text.length > 6 || !text.startsWith(":")) return false;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** `unknown`, or a name that a proxy made up (RFC 7239 §6.2, §6.3). */
function isObscured(node: string): boolean {
  return node.toLowerCase() === "unknown" || (node.startsWith("_") && node.length > 1 && isToken(node));
}

function isScheme(text: string): boolean {
  const lower = text.toLowerCase();
  return lower === "http" || lower === "https" || lower === "ws" || lower === "wss";
}
