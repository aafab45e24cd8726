/** Looks for any of many secrets in one pass: a night makes tens of thousands, and the output has megabytes. */
import { closeSync, openSync, readSync } from "node:fs";

const PREFIX_CHARS = 3;
/** A message trail of millions is larger than a text may be. */
const PIECE_BYTES = 16_777_216;

export class SecretSearch {
  /** By the secrets' first characters: their lengths, and the secrets of each. */
  readonly #byPrefix = new Map<string, Map<number, Set<string>>>();

  readonly #pieceBytes: number;
  #longest = 0;

  constructor(secrets: Iterable<string>, pieceBytes = PIECE_BYTES) {
    this.#pieceBytes = pieceBytes;
    for (const secret of secrets) {
      if (secret.length < PREFIX_CHARS) throw new Error("a secret is too short to be looked for");
      const prefix = secret.slice(0, PREFIX_CHARS);
      const byLength = this.#byPrefix.get(prefix) ?? new Map<number, Set<string>>();
      this.#byPrefix.set(prefix, byLength);
      const same = byLength.get(secret.length) ?? new Set<string>();
      byLength.set(secret.length, same.add(secret));
      this.#longest = Math.max(this.#longest, secret.length);
    }
  }

  /** @param text of bytes: latin1, so that none is lost */
  isIn(text: string): boolean {
    for (const [prefix, byLength] of this.#byPrefix)
      for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1))
        for (const [length, secrets] of byLength) if (secrets.has(text.slice(at, at + length))) return true;
    return false;
  }

  /** A file may go away while it is looked for: a log that is folded, a base that is replaced. */
  isInFile(path: string): boolean {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch {
      return false;
    }
    try {
      const piece = Buffer.alloc(this.#pieceBytes);
      // What a piece ends with may be the start of a secret.
      for (let end = "", read = 1; read > 0; ) {
        read = readSync(file, piece);
        const text = end + piece.toString("latin1", 0, read);
        if (this.isIn(text)) return true;
        end = text.slice(-this.#longest);
      }
      return false;
    } finally {
      closeSync(file);
    }
  }
}
