/** `/session`: the console trades a token for a cookie that scripts cannot read, asks who it is, and signs out. */

import { CSRF_HEADER, type RequestAuth } from "../auth/request-auth.js";
import type { SessionCookie } from "../auth/session-cookie.js";
import { HttpError, unauthenticated } from "../errors/http-error.js";
import type { SessionService } from "../modules/session/session-service.js";
import type { Exchange } from "./exchange.js";
import type { OriginPolicy } from "./origin-policy.js";

const BODY_BYTES_MAX = 4096;
/** The body comes from anybody: it does not hold its connection for long. */
const BODY_MS_MAX = 5_000;

export interface SessionHandlerDeps {
  readonly sessions: SessionService;
  readonly auth: RequestAuth;
  readonly cookie: SessionCookie;
  readonly origins: OriginPolicy;
}

export class SessionHandler {
  readonly #deps: SessionHandlerDeps;

  constructor(deps: SessionHandlerDeps) {
    this.#deps = deps;
  }

  /**
   * POST: `{token}` → the cookie, and `{actor, csrfToken, expiresAt}`. The CSRF token is in no other response: a cookie
   * that came into wrong hands does not get it.
   */
  async open(exchange: Exchange): Promise<void> {
    const { sessions, auth, cookie, origins } = this.#deps;
    const caller = exchange.caller("sign-in");
    if (!origins.isOwn(exchange.req)) {
      auth.refused(caller, "origin");
      throw origins.refusal(exchange.req);
    }
    const body = (await exchange.jsonBody(BODY_BYTES_MAX, BODY_MS_MAX)) as {
      readonly token?: unknown;
    } | null;
    if (typeof body?.token !== "string") throw new HttpError(400, "BAD_REQUEST", 'Send {"token": "…"}.');
    const known = auth.tryToken(caller, body.token.trim());
    if (known === null) throw unauthenticated();
    const outcome = await sessions.open({
      ...known,
      address: caller.address,
      userAgent: exchange.header("user-agent") ?? null,
      requestId: exchange.requestId,
    });
    // The only thing that can be wrong with it is the disk.
    if (!outcome.ok)
      throw new HttpError(503, "STORAGE_FULL", outcome.error[0]?.message ?? "The disk is full.");
    const { value } = outcome.value;
    exchange.json(
      200,
      { actor: known.actor, csrfToken: value.csrfToken, expiresAt: new Date(value.endsAtMs).toISOString() },
      { "set-cookie": cookie.write(value.cookie, value.endsAtMs) },
    );
  }

  /** GET: `{actor}` of cookie and CSRF token, for a page that was loaded again. */
  async show(exchange: Exchange): Promise<void> {
    const principal = await this.#deps.auth.identify(
      exchange.caller("session"),
      exchange.header(CSRF_HEADER),
    );
    if (principal === null) throw unauthenticated();
    exchange.json(200, { actor: principal.actor });
  }

  /** DELETE: the session is over, and the browser forgets the cookie. */
  async close(exchange: Exchange): Promise<void> {
    const { sessions, auth, cookie } = this.#deps;
    if (cookie.read(exchange.req.headers) !== null) {
      const principal = await auth.identify(exchange.caller("session"), exchange.header(CSRF_HEADER));
      if (principal === null) throw unauthenticated();
      if (principal.sessionId !== undefined)
        await sessions.end({ principal, requestId: exchange.requestId }, { id: principal.sessionId });
    }
    exchange.noContent({ "set-cookie": cookie.write("", 0) });
  }
}
