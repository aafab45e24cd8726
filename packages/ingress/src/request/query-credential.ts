/**
 * The key and its flag in a query, and the query without them. Every other byte stays as it came, in order.
 * Names are compared without regard to case and after percent-decoding, so that no spelling of the key goes on.
 */

export interface QueryCredential {
  /** The key parameter's value, null when there is none. */
  readonly key: string | null;
  readonly keyCount: number;
  readonly hasFlag: boolean;
  /** What goes on. */
  readonly rest: string;
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;

export const NO_QUERY: QueryCredential = { key: null, keyCount: 0, hasFlag: false, rest: "" };

/**
 * @param query as it came, without `?`
 * @param keyName in lower case
 * @param flagName in lower case
 */
export function readQuery(query: string, keyName: string, flagName: string): QueryCredential {
  if (query.length === 0) return NO_QUERY;
  let key: string | null = null;
  let keyCount = 0;
  let hasFlag = false;
  let rest = "";
  let copiedTo = 0;
  let at = 0;
  while (at <= query.length) {
    let end = at;
    let equals = -1;
    for (; end < query.length; end++) {
      const code = query.charCodeAt(end);
      if (code === AMPERSAND) break;
      if (code === EQUALS && equals < 0) equals = end;
    }
    const nameEnd = equals < 0 ? end : equals;
    const name = nameAt(query, at, nameEnd, keyName.length, flagName.length);
    const isKey = name === keyName;
    if (isKey || name === flagName) {
      const value = equals < 0 ? "" : decoded(query.slice(equals + 1, end));
      if (isKey) {
        key = value;
        keyCount++;
      } else hasFlag = value.toLowerCase() === "true";
      rest = joinedRest(rest, query.slice(copiedTo, at));
      copiedTo = end + 1;
    }
    at = end + 1;
  }
  if (copiedTo === 0) return { key, keyCount, hasFlag, rest: query };
  return { key, keyCount, hasFlag, rest: joinedRest(rest, query.slice(copiedTo), true) };
}

/** The name in lower case if it can be one of the two, else an empty text. Most names differ by length already. */
function nameAt(query: string, from: number, to: number, keyLength: number, flagLength: number): string {
  const length = to - from;
  if (length === keyLength || length === flagLength) return decoded(query.slice(from, to)).toLowerCase();
  if (length < keyLength && length < flagLength) return "";
  const name = query.slice(from, to); // a search in the whole query would look at its rest for each parameter
  return name.includes("%") ? decoded(name).toLowerCase() : "";
}

/** Parts carry the `&` that follows them; the last one's is taken off. */
function joinedRest(rest: string, part: string, isLast = false): string {
  const all = rest + part;
  return isLast && all.endsWith("&") && part === "" ? all.slice(0, -1) : all;
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A query may go upstream as it is: visible ASCII, and no `#` (RFC 3986 §3.4). */
export function isSendableQuery(query: string): boolean {
  for (let i = 0; i < query.length; i++) {
    const code = query.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x23) return false;
  }
  return true;
}
