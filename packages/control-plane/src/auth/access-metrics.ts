/** Counts what the HTTP port refuses. Labels come from this file only. */
import { type Counter, counter, type Registry } from "@latchkey/observe";

/** What is asked for; the name of the place in log and audit log. */
const places = [
  "sign-in",
  "session",
  "graphql",
  "live updates",
  "try it",
  "openapi",
  "usage",
  "metrics",
] as const;
export type AccessPlace = (typeof places)[number];

/** Why an attempt is refused. */
const reasons = ["token", "throttled", "csrf", "origin"] as const;
export type RefusalReason = (typeof reasons)[number];

const limits = ["address", "total"] as const;

export class AccessMetrics {
  readonly #refused: Counter<"place" | "reason">;
  readonly #dropped: Counter<"limit">;

  constructor(registry: Registry) {
    this.#refused = counter(registry, {
      name: "latchkey_access_refused_total",
      help: "Requests refused before they were authenticated, by what they asked for and why.",
      labels: ["place", "reason"],
      series: places.flatMap((place) => reasons.map((reason) => ({ place, reason }))),
    });
    this.#dropped = counter(registry, {
      name: "latchkey_http_connections_displaced_total",
      help: "New connections that found a limit reached: of their address, or of the server.",
      labels: ["limit"],
      series: limits.map((limit) => ({ limit })),
    });
  }

  refused(place: AccessPlace, reason: RefusalReason): void {
    this.#refused.inc({ place, reason });
  }

  limitReached(limit: (typeof limits)[number]): void {
    this.#dropped.inc({ limit });
  }
}
