/**
 * Bearer tokens (RFC 6750) that an API may demand beside its key: JWTs checked against the issuer's keys. A verdict is
 * remembered until the token expires, so that repeat visits are synchronous. Never logs a token.
 */
import type { LookupFunction } from "node:net";
import { readJson } from "@latchkey/config";
import { type Clock, isLoopbackHost } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  jwtVerify,
} from "jose";
import { IssuerKeys } from "./issuer-keys.js";

export interface BearerSettings {
  readonly issuer: string;
  readonly audience: string;
  /** One of the two. */
  readonly jwksUrl?: string | undefined;
  readonly jwksFile?: string | undefined;
  readonly clockToleranceSeconds: number;
}

/** `unknown`: ask `verify`. `unavailable`: the issuer's keys cannot be had. */
export type TokenVerdict = "valid" | "invalid" | "unavailable" | "unknown";

/** Asymmetric signatures only: a shared secret does not belong on every node. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

const VERDICTS_MAX = 4_096;
/** A good token is looked at again after this long, so that a key that the issuer withdrew does not live on. */
const VALID_MS = 5 * 60_000;
const INVALID_MS = 10_000;
const UNAVAILABLE_MS = 1_000;
const TOKEN_CHARS_MAX = 8_192;
const KEYS_TIMEOUT_MS = 5_000;

type KeySource = ReturnType<typeof createLocalJWKSet> | ReturnType<typeof createRemoteJWKSet>;

interface Remembered {
  readonly verdict: TokenVerdict;
  readonly untilMs: number;
}

export class BearerTokens {
  readonly #settings: BearerSettings;
  readonly #keys: KeySource;
  readonly #clock: Clock;
  readonly #log: Logger;
  #verdicts = new Map<string, Remembered>();

  /** @param lookup finds the addresses of the issuer's host */
  constructor(settings: BearerSettings, clock: Clock, log: Logger, lookup: LookupFunction) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#keys = keySource(settings, new IssuerKeys(lookup, clock));
    const url = settings.jwksUrl === undefined ? null : new URL(settings.jwksUrl);
    if (url?.protocol === "http:" && !isLoopbackHost(url.hostname))
      log.warn(
        { origin: url.origin },
        "bearer.jwksUrl has no TLS: anyone who can change bytes on the way can make tokens that are accepted; use https or bearer.jwksFile",
      );
  }

  /** @param authorization the header's value, null when there is none */
  verdictOf(authorization: string | null): TokenVerdict {
    const token = tokenOf(authorization);
    if (token === null) return "invalid";
    const known = this.#verdicts.get(token);
    return known === undefined || this.#clock.now() >= known.untilMs ? "unknown" : known.verdict;
  }

  /** Afterwards `verdictOf` knows. Never rejects. */
  async verify(authorization: string | null): Promise<void> {
    const token = tokenOf(authorization);
    if (token === null) return;
    const now = this.#clock.now();
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.#settings.issuer,
        audience: this.#settings.audience,
        algorithms: ALGORITHMS,
        clockTolerance: this.#settings.clockToleranceSeconds,
        currentDate: new Date(now),
        requiredClaims: ["exp"],
      });
      const expiresMs = ((payload.exp ?? 0) + this.#settings.clockToleranceSeconds) * 1000;
      this.#remember(token, { verdict: "valid", untilMs: Math.min(expiresMs, now + VALID_MS) });
    } catch (cause) {
      if (isTokensFault(cause)) {
        this.#remember(token, { verdict: "invalid", untilMs: now + INVALID_MS });
        return;
      }
      this.#log.error(
        { reason: cause instanceof Error ? cause.message : "error" },
        "the issuer's keys cannot be had",
      );
      this.#remember(token, { verdict: "unavailable", untilMs: now + UNAVAILABLE_MS });
    }
  }

  #remember(token: string, remembered: Remembered): void {
    if (this.#verdicts.size >= VERDICTS_MAX) this.#verdicts = new Map();
    this.#verdicts.set(token, remembered);
  }
}

function keySource(settings: BearerSettings, issuerKeys: IssuerKeys): KeySource {
  if (settings.jwksFile !== undefined)
    return createLocalJWKSet(
      readJson({ setting: "bearer.jwksFile", path: settings.jwksFile }) as JSONWebKeySet,
    );
  return createRemoteJWKSet(new URL(settings.jwksUrl ?? ""), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    [customFetch]: issuerKeys.fetch,
  });
}

/** The token of `Bearer <token>`, or null. */
function tokenOf(authorization: string | null): string | null {
  if (authorization === null || authorization.length > TOKEN_CHARS_MAX) return null;
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ") return null;
  const token = authorization.slice(7).trim();
  return token === "" ? null : token;
}

/** Everything that jose says of the token itself; a key set that does not load is not the client's fault. */
function isTokensFault(cause: unknown): boolean {
  return (
    cause instanceof errors.JOSEError &&
    !(cause instanceof errors.JWKSTimeout) &&
    !(cause instanceof errors.JWKSInvalid) &&
    cause.code !== "ERR_JOSE_GENERIC"
  );
}
