/** Who a bearer token belongs to. Compares digests in constant time, all of them always; keeps no token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal } from "./principal.js";

export interface Operator {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
}

/** An operator, and which of their tokens it was. */
export interface KnownToken {
  readonly actor: string;
  /** Rests with each session that the token opened. Not the token's digest, so that neither can stand in for the other. */
  readonly binding: Buffer;
}

export class Authenticator {
  readonly #operators: readonly (Operator & KnownToken)[];

  constructor(operators: readonly Operator[]) {
    this.#operators = operators.map(({ name, digest }) => ({
      name,
      actor: name,
      digest,
      binding: createHash("sha256").update("latchkey-session:").update(digest).digest(),
    }));
  }

  /** The operator whose token it is, or null. */
  byToken(token: string): KnownToken | null {
    const digest = createHash("sha256").update(token, "utf8").digest();
    let found: KnownToken | null = null;
    for (const operator of this.#operators) if (timingSafeEqual(operator.digest, digest)) found = operator;
    return found;
  }

  /** Whether the operator still has the token with this binding. */
  isCurrent(actor: string, binding: Buffer): boolean {
    return this.#operators.some((known) => known.actor === actor && known.binding.equals(binding));
  }

  /** The bindings of all tokens. */
  get bindings(): readonly Buffer[] {
    return this.#operators.map(({ binding }) => binding);
  }
}

/** The token of an `Authorization: Bearer` header (RFC 6750): null for another scheme, empty when it is malformed. */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined || !/^Bearer(?: |$)/i.test(authorization)) return null;
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1] ?? "";
}

export function principalOf({ actor }: KnownToken, address: string): Principal {
  return { actor, via: "token", address };
}
