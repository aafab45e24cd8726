/** Which texts are names of hosts: one rule for every URL and list that has them. Looks nothing up. */
import { parseUrl } from "./parse-url.js";

const NAME_CHARS_MAX = 253;
const LABEL_CHARS_MAX = 63;
const LABEL = /^[a-z0-9_-]+$/i;

/** What `isHostName` demands, for error messages. */
export const HOST_NAME_RULE = `A host name has 1 to ${LABEL_CHARS_MAX} letters, digits, "-" and "_" between its dots, no "-" first or last there, and at most ${NAME_CHARS_MAX} characters.`;

/**
 * True for a name that name servers can know (RFC 1123 §2.1, RFC 1035 §2.3.4), without a final dot. Underscores may stand
 * in it, as in names of Docker and Compose; letters beyond ASCII are written as punycode.
 */
export function isHostName(text: string): boolean {
  return text.length <= NAME_CHARS_MAX && text.split(".").every(isLabel);
}

/** The same for `hostname` of a parsed URL, which may be an address or have a final dot. */
export function isUrlHost(hostname: string): boolean {
  return hostname.startsWith("[") || isHostName(hostname.replace(/\.$/, ""));
}

/** True for a URL of http or https with such a host. */
export function isHttpUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") && isUrlHost(url.hostname);
}

function isLabel(text: string): boolean {
  return text.length <= LABEL_CHARS_MAX && LABEL.test(text) && !text.startsWith("-") && !text.endsWith("-");
}
