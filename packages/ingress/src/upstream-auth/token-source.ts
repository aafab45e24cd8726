/**
 * The access token of one credential on this node: fetched by one flight at a time, ahead of its end while requests come,
 * and waited for only where there is no valid one. A failure is remembered, so that a token server that is down costs its
 * own integrations a refusal and nobody a wait.
 */
import type { Clock } from "@latchkey/core";
import type { CredentialVerdict } from "./credential.js";

export interface FetchedToken {
  readonly accessToken: string;
  /** Null: the server does not tell. */
  readonly lifeMs: number | null;
  /** Since it was fetched, by another process. Default: it is new. */
  readonly ageMs?: number;
}

export interface TokenSourceParts {
  /** Bounded in time. @param refused the token that the target does not take; null: it has nothing against the present one */
  readonly fetch: (refused: string | null) => Promise<FetchedToken>;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

interface Token {
  readonly text: string;
  readonly lifeMs: number;
  readonly fetchedAtMs: number;
  /** From here on it is fetched anew in the background. */
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

/** Of a token whose server does not tell. */
const LIFE_MS = 300_000;
const RENEW_AT = 0.8;
/** Not up to its very end: it travels, and clocks differ. */
const END_AT = 0.95;
/** A token is used for so long at least: those that waited for it go with it, also where it has ended on its way. */
const USE_MIN_MS = 1_000;
const WAITING_MAX = 1_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A token that is refused so soon is not fetched again for that: the target refuses others too. */
const FRESH_MS = 5_000;

export class TokenSource {
  readonly #parts: TokenSourceParts;
  #token: Token | null = null;
  #flight: Promise<void> | null = null;
  #waiting = 0;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #fetched = 0;

  constructor(parts: TokenSourceParts) {
    this.#parts = parts;
  }

  get text(): string | null {
    return this.#token === null ? null : this.#token.text;
  }

  /** Grows with each token. */
  get version(): number {
    return this.#fetched;
  }

  /** As `Credential.settle`. */
  settle(): CredentialVerdict {
    const nowMs = this.#parts.clock.monotonicMs();
    const token = this.#token;
    if (token !== null && nowMs < token.endsAtMs) {
      if (nowMs >= token.renewAtMs && nowMs >= this.#retryAtMs) void this.#fetch();
      return null;
    }
    if (this.#flight === null && nowMs < this.#retryAtMs) return "upstream.token_unavailable";
    if (this.#waiting >= WAITING_MAX) return "upstream.token_unavailable";
    const flight = this.#fetch();
    this.#waiting++;
    return flight;
  }

  /**
   * The target has refused a token.
   * @param version at the time of the request
   * @returns resolves when there may be another token; null: there will be none
   */
  renew(version: number): Promise<void> | null {
    if (version !== this.#fetched) return Promise.resolve();
    if (this.#flight !== null) return this.#flight;
    const nowMs = this.#parts.clock.monotonicMs();
    const isFresh = this.#token !== null && nowMs - this.#token.fetchedAtMs < FRESH_MS;
    return isFresh || nowMs < this.#retryAtMs ? null : this.#fetch(this.text);
  }

  /**
   * For another process of this node: the present token, after a renewal where one is due.
   * @param refused as of `fetch`
   * @returns null: there is none
   */
  async give(refused: string | null): Promise<FetchedToken | null> {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const isDue = this.#token === null || nowMs >= this.#token.renewAtMs;
    if (this.#flight !== null) await this.#flight;
    else if (refused !== null && refused === this.text) await this.renew(this.#fetched);
    else if (isDue && nowMs >= this.#retryAtMs) await this.#fetch();
    const token = this.#token;
    if (token === null || clock.monotonicMs() >= token.endsAtMs) return null;
    const ageMs = clock.monotonicMs() - token.fetchedAtMs;
    return { accessToken: token.text, lifeMs: token.lifeMs, ageMs };
  }

  #fetch(refused: string | null = null): Promise<void> {
    this.#flight ??= this.#fetchNow(refused);
    return this.#flight;
  }

  async #fetchNow(refused: string | null): Promise<void> {
    const { clock, fetch, onFailure } = this.#parts;
    // The life of a token begins before the request for it.
    const askedAtMs = clock.monotonicMs();
    try {
      const { accessToken, lifeMs, ageMs = 0 } = await fetch(refused);
      const sentAtMs = askedAtMs - ageMs;
      const life = lifeMs ?? LIFE_MS;
      const arrivedAtMs = clock.monotonicMs();
      this.#token = {
        text: accessToken,
        lifeMs: life,
        fetchedAtMs: sentAtMs,
        renewAtMs: Math.max(sentAtMs + life * RENEW_AT, arrivedAtMs + USE_MIN_MS * RENEW_AT),
        endsAtMs: Math.max(sentAtMs + life * END_AT, arrivedAtMs + USE_MIN_MS),
      };
      this.#fetched++;
      this.#failures = 0;
      this.#retryAtMs = Number.NEGATIVE_INFINITY;
    } catch (error) {
      const waitMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures++);
      this.#retryAtMs = clock.monotonicMs() + waitMs;
      onFailure(error);
    } finally {
      this.#flight = null;
      this.#waiting = 0;
    }
  }
}
