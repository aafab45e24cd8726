/**
 * Who sends a request: by bearer token, or by session cookie together with the CSRF token. The one place where tokens
 * are tried: every wrong one is counted by address, throttled, logged and audited, wherever it came in.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { RefusedAttempt } from "../modules/audit/refused-attempt-log.js";
import type { SessionService } from "../modules/session/session-service.js";
import type { AccessMetrics, AccessPlace, RefusalReason } from "./access-metrics.js";
import { type Authenticator, bearerToken, type KnownToken, principalOf } from "./authenticator.js";
import type { Principal } from "./principal.js";
import type { SessionCookie } from "./session-cookie.js";
import type { TokenThrottle } from "./token-throttle.js";

export const CSRF_HEADER = "x-csrf-token";

/** How the audit log names the reason. */
const reasons: Readonly<Record<RefusalReason, string>> = {
  token: "a wrong token",
  throttled: "too many wrong tokens",
  csrf: "a session without its CSRF token",
  origin: "a page of another origin",
};

/** A request as far as authentication needs it. */
export interface Caller {
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  readonly place: AccessPlace;
}

export interface RequestAuthDeps {
  readonly authenticator: Authenticator;
  readonly sessions: SessionService;
  readonly cookie: SessionCookie;
  readonly throttle: TokenThrottle;
  readonly metrics: AccessMetrics;
  readonly onRefused: (attempt: RefusedAttempt) => void;
}

export class RequestAuth {
  readonly #deps: RequestAuthDeps;

  constructor(deps: RequestAuthDeps) {
    this.#deps = deps;
  }

  /**
   * The principal of a request, or null. A request that names a token is judged by it alone. `csrf` is what came
   * as CSRF token; null where none is needed, because nothing is changed and no other site can read the response.
   * @throws HttpError 429 when too many wrong tokens came from the address
   */
  async identify(caller: Caller, csrf: string | undefined | null): Promise<Principal | null> {
    const token = bearerToken(caller.headers.authorization);
    if (token !== null) {
      const known = this.tryToken(caller, token);
      return known === null ? null : principalOf(known, caller.address);
    }
    const cookie = this.#deps.cookie.read(caller.headers);
    if (cookie === null) return null;
    const check = await this.#deps.sessions.check(cookie, csrf);
    if (check.kind === "unknown") return null;
    const { id, actor } = check.session;
    if (check.kind === "csrf") {
      this.refused(caller, "csrf", actor);
      return null;
    }
    return { actor, via: "session", address: caller.address, sessionId: id };
  }

  /** The operator whose token it is, or null. @throws HttpError 429 */
  tryToken(caller: Caller, token: string): KnownToken | null {
    const { authenticator, throttle } = this.#deps;
    const refusal = throttle.refusal(caller.address);
    if (refusal !== null) {
      this.refused(caller, "throttled");
      throw refusal;
    }
    const known = authenticator.byToken(token);
    if (known === null) {
      throttle.failed(caller.address);
      this.refused(caller, "token");
    }
    return known;
  }

  /** Writes down an attempt that was refused. */
  refused({ address, place }: Caller, reason: RefusalReason, actor = "unknown"): void {
    this.#deps.metrics.refused(place, reason);
    this.#deps.onRefused({
      action: "access.refuse",
      actor,
      address,
      targetKind: "access",
      targetName: place,
      reason: reasons[reason],
    });
  }
}
