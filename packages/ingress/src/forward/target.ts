/** One upstream URL of an integration: where its requests go, and whether it is in rotation. */
import { err, ok, type Result } from "@latchkey/core";
import type { UpstreamClient, UpstreamStats } from "@latchkey/http1";
import type { ClientIdentity } from "../upstream-auth/client-identity.js";
import type { Login } from "../upstream-auth/login.js";
import { PathTemplate } from "./path-template.js";
import { foldedNameOf } from "./query-parameters.js";
import type { TargetMemo } from "./target-memo.js";
import type { OriginSettings, PoolLease, UpstreamPools } from "./upstream-pools.js";

export interface TargetUrl {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly hostHeader: string;
  /** Path with the URL's own query. */
  readonly path: string;
  /** Of its own query's parameters, as `withoutParameters` takes them; null: it has no query. */
  readonly queryNames: ReadonlySet<string> | null;
  /** Of the path without the query; null when it has no placeholders. */
  readonly template: PathTemplate | null;
  /** The URL's own query with `?`, or nothing. */
  readonly search: string;
}

/** The parts of an upstream URL, or why it cannot be one. */
export function parseTargetUrl(text: string): Result<TargetUrl, string> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return err("a URL cannot be parsed");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return err("a URL must be http or https");
  if (url.username !== "" || url.password !== "") return err("a URL may not carry credentials");
  const isTls = url.protocol === "https:";
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if (host === "") return err("a URL needs a host");
  if (url.port === "0") return err("a URL cannot have port 0");
  return ok({
    host,
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    hostHeader: url.host,
    path: url.pathname + url.search,
    queryNames:
      url.search === "" ? null : new Set(url.search.slice(1).split("&").filter(Boolean).map(foldedNameOf)),
    // Only braces that were written as such are placeholders.
    template: text.includes("{") ? PathTemplate.of(url.pathname) : null,
    search: url.search,
  });
}

/** Why a target is out of rotation. `closed` is the circuit's word for "in use". */
export type CircuitState = "closed" | "open" | "half-open";

export interface TargetParts {
  /** The URL as the integration has it. */
  readonly text: string;
  readonly url: TargetUrl;
  readonly pools: UpstreamPools;
  readonly origin: OriginSettings;
  /** Of its integration; null: it has none. */
  readonly login: Login | null;
  /** Consecutive failures that take it out of rotation; 0 = never. */
  readonly failuresToOpen: number;
  /** How long it stays out of rotation. */
  readonly openMs: number;
}

export class Target {
  readonly url: TargetUrl;
  /** As configured, to find the same target after a change. */
  readonly text: string;
  inFlight = 0;
  /** By active checks; true until they say otherwise. */
  isHealthy = true;
  /** Of the last request or check that failed, as logs name it. */
  lastError = "";
  /** When it left the rotation; means nothing while it is in use. */
  impairedSinceMs = 0;

  readonly #pools: UpstreamPools;
  readonly #origin: OriginSettings;
  readonly #login: Login | null;
  #lease: PoolLease | null = null;
  /** That the leased connections are made with. */
  #identity: ClientIdentity | null = null;
  #isRetired = false;

  readonly #failuresToOpen: number;
  readonly #openMs: number;
  #circuit: CircuitState = "closed";
  #failures = 0;
  #openUntilMs = 0;

  constructor({ text, url, pools, origin, login, failuresToOpen, openMs }: TargetParts) {
    this.text = text;
    this.url = url;
    this.#pools = pools;
    this.#origin = origin;
    this.#login = login;
    this.#failuresToOpen = failuresToOpen;
    this.#openMs = openMs;
  }

  /** Opened on first use; another one once the integration's client certificate is another. */
  get client(): UpstreamClient {
    const identity = this.#login === null ? null : this.#login.identity;
    if (this.#lease !== null && identity === this.#identity) return this.#lease.client;
    return this.#leaseWith(identity).client;
  }

  /** Of its origin. */
  get memo(): TargetMemo {
    return (this.#lease ?? this.#leaseWith(this.#identity)).memo;
  }

  /** Connections with another identity drain. */
  #leaseWith(identity: ClientIdentity | null): PoolLease {
    const before = this.#lease;
    const lease = this.#pools.lease(this.#origin, identity);
    this.#identity = identity;
    this.#lease = lease;
    before?.release();
    return lease;
  }

  get circuit(): CircuitState {
    return this.#circuit;
  }

  /** Of the pool that it shares with other targets of its origin; null: it has not been used. */
  poolStats(): UpstreamStats | null {
    return this.#lease?.client.stats() ?? null;
  }

  /** Whether a request may go here now. An open circuit that has waited long enough lets one through. */
  isAvailable(): boolean {
    if (!this.isHealthy) return false;
    if (this.#circuit === "closed") return true;
    if (this.#circuit === "half-open") return false; // its one probe is on the way
    return performance.now() >= this.#openUntilMs;
  }

  /** A request goes here. */
  begin(): void {
    this.inFlight++;
    if (this.#circuit === "open") this.#circuit = "half-open";
  }

  /** `null`: says nothing of the target (the client went away). */
  finish(isSuccess: boolean | null): void {
    this.inFlight--;
    if (this.#isRetired) this.#letGo();
    if (isSuccess === null) {
      if (this.#circuit === "half-open") this.#circuit = "open"; // the next request may probe
      return;
    }
    if (isSuccess) {
      this.#failures = 0;
      if (this.isHealthy) this.lastError = "";
      this.#circuit = "closed";
      return;
    }
    this.#failures++;
    const isProbe = this.#circuit === "half-open";
    if (this.#failuresToOpen > 0 && (isProbe || this.#failures >= this.#failuresToOpen)) {
      if (this.#circuit === "closed" && this.isHealthy) this.impairedSinceMs = Date.now();
      this.#circuit = "open";
      this.#openUntilMs = performance.now() + this.#openMs;
    }
  }

  /** Goes on where the same target stood before a change. */
  inherit(previous: Target): void {
    this.isHealthy = previous.isHealthy;
    this.lastError = previous.lastError;
    this.impairedSinceMs = previous.impairedSinceMs;
    this.#failures = previous.#failures;
    this.#openUntilMs = previous.#openUntilMs;
    this.#circuit = previous.#circuit === "half-open" ? "open" : previous.#circuit;
    if (previous.#lease !== null) this.#leaseWith(previous.#identity); // keeps the connections
  }

  /** Its integration was replaced or removed. Requests of it that have begun go on, and may still come to their end here. */
  retire(): void {
    this.#isRetired = true;
    this.#letGo();
  }

  #letGo(): void {
    if (this.inFlight > 0) return;
    this.#lease?.release();
    this.#lease = null;
  }
}
