/**
 * The cookie of the web console. Cookies know no ports: a browser that is signed in to the console sends it to an
 * ingress node of the same host as well, so that both planes need the names: one to set it, the other to keep it
 * from integrations.
 */

/** Of the console's session; the `__Host-` form where the console is served over TLS. */
export const SESSION_COOKIE = "latchkey_session";
/** Browsers take a cookie of this prefix only from the host itself, over TLS. */
export const HOST_PREFIX = "__Host-";

/** What all names have in common, so that most values need no closer look. */
const MARK = "latchkey_";

const NAMES: ReadonlySet<string> = new Set(
  [SESSION_COOKIE, HOST_PREFIX + SESSION_COOKIE].map((name) => name.toLowerCase()),
);

/** A `Cookie` value without the console's cookies; everything else byte for byte. Empty when nothing is left. */
export function withoutConsoleCookies(value: string): string {
  if (!mayHold(value)) return value;
  const parts = value.split(";");
  const others = parts.filter((part) => !NAMES.has(nameOf(part)));
  return others.length === parts.length ? value : others.join(";").trim();
}

/** Whether a `Set-Cookie` value sets one of the console's cookies. */
export function setsConsoleCookie(value: string): boolean {
  if (!mayHold(value)) return false;
  const end = value.indexOf(";");
  return NAMES.has(nameOf(end < 0 ? value : value.slice(0, end)));
}

function mayHold(value: string): boolean {
  return value.length >= MARK.length && value.toLowerCase().includes(MARK);
}

/**
 * The name of `name=value` in lower case. Browsers keep `=name=value` and a lone `name` as a cookie without a name,
 * and send its value alone, which a server then reads as `name=value`.
 */
function nameOf(pair: string): string {
  let from = 0;
  while (from < pair.length && (pair[from] === "=" || pair.charCodeAt(from) <= 0x20)) from++;
  const equals = pair.indexOf("=", from);
  return pair
    .slice(from, equals < 0 ? pair.length : equals)
    .trim()
    .toLowerCase();
}
