/**
 * Shares the places of an integration with a limit of its own (`concurrentRequestsMax`) among keys. While places are free,
 * any key may take them. A key that finds none, and holds fewer than an equal share, starts a time in which keys with their
 * share or more get no other: places that become free go to the others. Takes no place away and lets nobody wait.
 */

/** For so long after such a refusal places are shared equally. Longer leaves places unused, shorter refuses more often. */
const SHARING_MS = 5_000;

export class SharedPlaces {
  /** Places by key; 0 for keys that were refused and hold none. */
  readonly #byKey = new Map<object, number>();
  #taken = 0;
  #sharedUntilMs = Number.NEGATIVE_INFINITY;

  /** Whether the key gets no place now. @param nowMs monotonic */
  refuses(key: object, placesMax: number, nowMs: number): boolean {
    const isFull = this.#taken >= placesMax;
    if (nowMs >= this.#sharedUntilMs) {
      if (!isFull) return false;
      this.#forgetRefused();
    }
    const held = this.#byKey.get(key) ?? 0;
    if (isFull && held === 0) this.#byKey.set(key, 0);
    const share = Math.max(1, Math.floor(placesMax / this.#byKey.size));
    if (isFull && held < share) this.#sharedUntilMs = nowMs + SHARING_MS;
    return isFull || held >= share;
  }

  take(key: object): void {
    this.#taken++;
    this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1);
  }

  /** Gives a place back. A key that has none changes nothing: it was let in before the integration had a limit. */
  leave(key: object): void {
    const held = this.#byKey.get(key) ?? 0;
    if (held === 0) return;
    this.#taken--;
    if (held === 1) this.#byKey.delete(key);
    else this.#byKey.set(key, held - 1);
  }

  #forgetRefused(): void {
    for (const [key, held] of this.#byKey) if (held === 0) this.#byKey.delete(key);
  }
}
