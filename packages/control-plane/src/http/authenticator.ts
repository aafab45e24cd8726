/** Who a bearer token belongs to. Compares digests in constant time, all of them always; keeps no token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal } from "../principal.js";

export interface Operator {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
}

export class Authenticator {
  readonly #operators: readonly Operator[];

  constructor(operators: readonly Operator[]) {
    this.#operators = operators;
  }

  /** The operator whose token it is, or null. */
  byToken(token: string): Principal | null {
    const digest = createHash("sha256").update(token, "utf8").digest();
    let found: Operator | null = null;
    for (const operator of this.#operators) if (timingSafeEqual(operator.digest, digest)) found = operator;
    return found === null ? null : { actor: found.name, via: "token" };
  }

  /** By an `Authorization` header (RFC 6750); null when it is absent or wrong. */
  byHeader(authorization: string | undefined): Principal | null {
    const match = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? "");
    return match?.[1] === undefined ? null : this.byToken(match[1]);
  }

  /** Whether an operator of that name still exists. */
  knows(name: string): boolean {
    return this.#operators.some((operator) => operator.name === name);
  }
}
