/**
 * Whether a request has been through this installation before: its pseudonym is in Via (RFC 9110 §7.6.3), or in
 * CDN-Loop (RFC 8586), which proxies that rewrite Via leave alone.
 */
import { createHash } from "node:crypto";

const HASH_LENGTH = 10;

/**
 * The same on all nodes of an installation, and another for every other installation: an epoch begins at the
 * millisecond in which a database is made or restored. Hashed, since nobody else needs to know when that was.
 */
function pseudonymOf(epoch: number): string {
  const hash = createHash("sha256").update(`latchkey-epoch ${epoch}`).digest("hex");
  return `latchkey-${hash.slice(0, HASH_LENGTH)}`;
}

/** The pseudonym of this installation: as configured, else by its epoch. */
export class Pseudonym {
  readonly #configured: string | undefined;
  #name = "";
  #epoch = -1;

  constructor(configured: string | undefined) {
    this.#configured = configured;
  }

  /** @param epoch of the current revision */
  of(epoch: number): string {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#name = this.#configured ?? pseudonymOf(epoch);
    }
    return this.#name;
  }
}

/** Whether a request was here before. @param via, cdnLoop values, lines joined; null: none */
export function hasPassed(pseudonym: string, via: string | null, cdnLoop: string | null): boolean {
  if (via !== null && namesProxy(via, pseudonym)) return true;
  return cdnLoop !== null && namesProxy(cdnLoop, pseudonym);
}

/** @param list the value of Via or CDN-Loop, lines joined */
function namesProxy(list: string, pseudonym: string): boolean {
  let at = list.indexOf(pseudonym);
  while (at >= 0) {
    if (isBoundary(list.charCodeAt(at - 1)) && isBoundary(list.charCodeAt(at + pseudonym.length)))
      return true;
    at = list.indexOf(pseudonym, at + pseudonym.length);
  }
  return false;
}

/** NaN: there is no character. */
function isBoundary(code: number): boolean {
  return Number.isNaN(code) || code === 0x20 || code === 0x09 || code === 0x2c || code === 0x3b;
}
