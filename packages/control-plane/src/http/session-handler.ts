/** `/session`: the console trades a token for a cookie that scripts cannot read, asks who it is, and signs out. */
import { type Clock, SESSION_COOKIE } from "@latchkey/core";
import type { Authenticator } from "./authenticator.js";
import type { Exchange } from "./exchange.js";
import { HttpError, unauthenticated } from "./http-error.js";
import { CSRF_HEADER, isSameOrigin, type RequestAuth, sessionCookie } from "./request-auth.js";
import { csrfTokenOf, type SessionStore } from "./session-store.js";

const BODY_BYTES_MAX = 4096;
/** Wrong tokens in a minute, from everybody together: nobody guesses 128 bits, but nobody shall try either. */
const FAILURES_A_MINUTE = 30;
const MINUTE_MS = 60_000;

export interface SessionHandlerDeps {
  readonly authenticator: Authenticator;
  readonly sessions: SessionStore;
  readonly auth: RequestAuth;
  readonly clock: Clock;
  readonly secure: boolean;
}

export class SessionHandler {
  readonly #deps: SessionHandlerDeps;
  #failures = 0;
  #windowStartMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SessionHandlerDeps) {
    this.#deps = deps;
  }

  /** POST: `{token}` → the cookie, and `{actor, csrfToken, expiresAt}`. */
  async open(exchange: Exchange): Promise<void> {
    const { authenticator, sessions } = this.#deps;
    if (!isSameOrigin(exchange.req.headers))
      throw new HttpError(403, "FORBIDDEN", "Sign in from the console's own page.");
    this.#refuseGuessing();
    const body = (await exchange.jsonBody(BODY_BYTES_MAX)) as { readonly token?: unknown } | null;
    const principal = typeof body?.token === "string" ? authenticator.byToken(body.token.trim()) : null;
    if (principal === null) {
      this.#failures += 1;
      throw unauthenticated();
    }
    const { cookie, csrfToken, expiresAtMs } = await sessions.open(principal);
    exchange.json(
      200,
      { actor: principal.actor, csrfToken, expiresAt: new Date(expiresAtMs).toISOString() },
      { "set-cookie": this.#cookie(cookie, expiresAtMs) },
    );
  }

  /** GET: `{actor, csrfToken}` of the cookie, for a page that was loaded again. No other site can read it. */
  async show(exchange: Exchange): Promise<void> {
    const cookie = sessionCookie(exchange.req.headers);
    const principal = cookie === null ? null : await this.#deps.sessions.find(cookie);
    if (cookie === null || principal === null) throw unauthenticated();
    exchange.json(200, { actor: principal.actor, csrfToken: csrfTokenOf(cookie) });
  }

  /** DELETE: the cookie is worth nothing any more. */
  async close(exchange: Exchange): Promise<void> {
    const { sessions, auth } = this.#deps;
    const cookie = sessionCookie(exchange.req.headers);
    if (cookie !== null) {
      if ((await auth.identify(exchange.req.headers, exchange.header(CSRF_HEADER))) === null)
        throw unauthenticated();
      await sessions.close(cookie);
    }
    exchange.noContent({ "set-cookie": this.#cookie("", 0) });
  }

  #cookie(value: string, expiresAtMs: number): string {
    const expires = new Date(expiresAtMs).toUTCString();
    const secure = this.#deps.secure ? "; Secure" : "";
    return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Expires=${expires}${secure}`;
  }

  #refuseGuessing(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#windowStartMs > MINUTE_MS) {
      this.#windowStartMs = nowMs;
      this.#failures = 0;
    }
    if (this.#failures >= FAILURES_A_MINUTE)
      throw new HttpError(429, "TOO_MANY_REQUESTS", "Too many wrong tokens: wait a minute.", {
        "retry-after": "60",
      });
  }
}
