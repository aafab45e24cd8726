/** Looks for any of many secrets in one pass: a night makes tens of thousands, and the output has megabytes. */

const PREFIX_CHARS = 3;

export class SecretSearch {
  /** By the secrets' first characters: their lengths, and the secrets of each. */
  readonly #byPrefix = new Map<string, Map<number, Set<string>>>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      if (secret.length < PREFIX_CHARS) throw new Error("a secret is too short to be looked for");
      const prefix = secret.slice(0, PREFIX_CHARS);
      const byLength = this.#byPrefix.get(prefix) ?? new Map<number, Set<string>>();
      this.#byPrefix.set(prefix, byLength);
      const same = byLength.get(secret.length) ?? new Set<string>();
      byLength.set(secret.length, same.add(secret));
    }
  }

  /** @param text of bytes: latin1, so that none is lost */
  isIn(text: string): boolean {
    for (const [prefix, byLength] of this.#byPrefix)
      for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1))
        for (const [length, secrets] of byLength) if (secrets.has(text.slice(at, at + length))) return true;
    return false;
  }
}
