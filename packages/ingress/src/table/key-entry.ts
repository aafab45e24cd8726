/** A key as the request path reads it. Fixed at construction but for its API's reference, which the table fills. */
import { IpPolicy } from "@latchkey/core";
import { asBuffer, type KeyResource } from "@latchkey/snapshot";
import { InFlight } from "../limits/in-flight.js";
import { RequestLimits } from "../limits/rate-limiter.js";
import { KeyScopes } from "../policies/key-scopes.js";
import type { ApiRef } from "./api-ref.js";
import { UsageMark } from "./usage-mark.js";

export class KeyEntry {
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly api: ApiRef;
  readonly isActive: boolean;
  readonly isWebhook: boolean;
  /** By the control plane's clock; 0 = never. */
  readonly expiresAtMs: number;
  /** Latin1 digests with the end of their overlap (0 = none). */
  readonly secrets: readonly KeySecretEntry[];
  readonly limits: RequestLimits | null;
  /** Null: any address. */
  readonly ipPolicy: IpPolicy | null;
  /** Null: every route of the API. */
  readonly scopes: KeyScopes | null;
  /** Counts go on over changes of the key. */
  readonly usage: UsageMark;
  /** Made when the first request comes: most keys have none for a long time. */
  #inFlight: InFlight | null;

  constructor(resource: KeyResource, api: ApiRef, previous: KeyEntry | null) {
    this.id = resource.id;
    this.name = resource.name;
    this.api = api;
    this.isActive = resource.active;
    this.isWebhook = resource.mode === "webhook";
    this.expiresAtMs = resource.expiresAtMs;
    this.secrets = resource.secrets.map((secret) => ({
      digest: asBuffer(secret.digest).toString("latin1"),
      notAfterMs: secret.notAfterMs,
    }));
    this.limits = RequestLimits.of("key", resource.id, resource, previous?.limits ?? null);
    this.ipPolicy = IpPolicy.of(resource.ipRules);
    this.scopes = KeyScopes.of(resource.scopes);
    this.usage = previous?.usage ?? new UsageMark();
    this.#inFlight = previous === null ? null : previous.#inFlight;
  }

  get inFlight(): InFlight {
    this.#inFlight ??= new InFlight();
    return this.#inFlight;
  }
}

export interface KeySecretEntry {
  readonly digest: string;
  readonly notAfterMs: number;
}

/**
 * Where a digest leads. Outlives changes of its key, so that its holders see the newest state; dead (`key`
 * null) once no key has the secret.
 */
export class KeyRef {
  key: KeyEntry | null = null;
  /** By the control plane's clock; 0 = as long as the key lives. */
  notAfterMs = 0;
  /** Further keys that claim the same secret: only a broken control plane makes any. The smallest id wins. */
  #others: KeyEntry[] | null = null;

  claim(key: KeyEntry, digest: string): void {
    if (this.key === null) this.key = key;
    else this.#elect([...(this.#others ?? []), this.key, key]);
    this.#settle(digest);
  }

  /** True when nobody is left. */
  release(key: KeyEntry, digest: string): boolean {
    if (this.#others === null) {
      if (this.key === key) this.key = null;
    } else this.#elect([...this.#others, this.key as KeyEntry].filter((claim) => claim !== key));
    this.#settle(digest);
    return this.key === null;
  }

  #elect(claims: KeyEntry[]): void {
    claims.sort((a, b) => (a.id < b.id ? -1 : 1));
    this.key = claims.shift() ?? null;
    this.#others = claims.length === 0 ? null : claims;
  }

  #settle(digest: string): void {
    this.notAfterMs = this.key?.secrets.find((secret) => secret.digest === digest)?.notAfterMs ?? 0;
  }
}
