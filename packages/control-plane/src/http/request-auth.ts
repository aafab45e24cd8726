/** Who sends a request: by bearer token, or by session cookie together with the CSRF token. */
import type { IncomingHttpHeaders } from "node:http";
import { SESSION_COOKIE } from "@latchkey/core";
import type { Principal } from "../principal.js";
import type { Authenticator } from "./authenticator.js";
import { isCsrfToken, type SessionStore } from "./session-store.js";

export const CSRF_HEADER = "x-csrf-token";

export interface RequestAuthDeps {
  readonly authenticator: Authenticator;
  readonly sessions: SessionStore;
}

export class RequestAuth {
  readonly #deps: RequestAuthDeps;

  constructor(deps: RequestAuthDeps) {
    this.#deps = deps;
  }

  /**
   * The principal of a request, or null. A request that names a token is judged by it alone. `csrf` is what came
   * as CSRF token; null where none is needed, because nothing is changed and no other site can read the answer.
   */
  async identify(headers: IncomingHttpHeaders, csrf: string | undefined | null): Promise<Principal | null> {
    if (headers.authorization !== undefined) return this.#deps.authenticator.byHeader(headers.authorization);
    const cookie = sessionCookie(headers);
    if (cookie === null) return null;
    if (csrf !== null && !isCsrfToken(cookie, csrf)) return null;
    return this.#deps.sessions.find(cookie);
  }
}

export function sessionCookie(headers: IncomingHttpHeaders): string | null {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === SESSION_COOKIE && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  }
  return null;
}

/** Whether the request comes from a page of this origin, as far as the browser says: sites differ, ports do not. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
