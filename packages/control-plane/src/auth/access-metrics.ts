/** Counts what the HTTP port refuses. Labels come from this file only. */
import { type Counter, counter, type Registry } from "@latchkey/observe";

/** What is asked for; the name of the place in log and audit log. */
export type AccessPlace =
  | "sign-in"
  | "session"
  | "graphql"
  | "live updates"
  | "try it"
  | "openapi"
  | "usage"
  | "metrics";

/** Why an attempt is refused. */
export type RefusalReason = "token" | "throttled" | "csrf" | "origin";

export class AccessMetrics {
  readonly #refused: Counter<"place" | "reason">;
  readonly #dropped: Counter<"limit">;

  constructor(registry: Registry) {
    this.#refused = counter(registry, {
      name: "latchkey_access_refused_total",
      help: "Requests refused before they were authenticated, by what they asked for and why.",
      labels: ["place", "reason"],
    });
    this.#dropped = counter(registry, {
      name: "latchkey_http_connections_displaced_total",
      help: "New connections that found a limit reached: of their address, or of the server.",
      labels: ["limit"],
    });
  }

  refused(place: AccessPlace, reason: RefusalReason): void {
    this.#refused.inc({ place, reason });
  }

  limitReached(limit: "address" | "total"): void {
    this.#dropped.inc({ limit });
  }
}
