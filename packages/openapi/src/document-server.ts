/** The one server of a document: the gateway's public URL, or a relative one that names no host. */
import { parseUrl } from "@latchkey/core";
import type { JsonObject } from "./json.js";
import type { Warn } from "./lint-warning.js";

export const SERVER_DESCRIPTION = "The gateway.";
export const NO_SERVER_DESCRIPTION = "The gateway that serves this document.";

export function serverOf(serverUrl: string | null, warn: Warn): JsonObject {
  const url = publicUrl(serverUrl);
  if (serverUrl === null) {
    warn("server.missing", "No public URL is configured, so the document names no host.", ["servers"]);
  } else if (url === null) {
    warn("server.invalid", "The public URL is no http(s) URL and is left out.", ["servers"]);
  } else if (!url.startsWith("https:")) {
    warn("server.not_https", "The public URL is not https.", ["servers", 0, "url"]);
  }
  return url === null
    ? { url: "/", description: NO_SERVER_DESCRIPTION }
    : { url, description: SERVER_DESCRIPTION };
}

/** Scheme, host and path of the public URL: credentials, query and fragment have no place in a document. */
export function publicUrl(serverUrl: string | null): string | null {
  const url = serverUrl === null ? null : parseUrl(serverUrl);
  if (url === null) return null;
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  // Braces would be server variables, which the document does not define.
  const path = url.pathname.replace(/[{}]/g, encodeURIComponent).replace(/(?<!\/)\/+$/, "");
  return `${url.protocol}//${url.host}${path}`;
}
