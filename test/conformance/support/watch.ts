// Waits for conditions over state that several sockets change: each change pokes, each poke looks again.
// Knows nothing of HTTP, and never sleeps for a fixed time to let something happen.

export class Watch {
  readonly #waiting = new Set<() => void>();

  /** Something changed. */
  readonly poke = (): void => {
    for (const look of [...this.#waiting]) look();
  };

  /** True once `isMet()`; false when `deadlineMs` passed first. */
  async until(isMet: () => boolean, deadlineMs: number): Promise<boolean> {
    if (isMet()) return true;
    return await new Promise<boolean>((resolve) => {
      const settle = (met: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(met);
      };
      const look = () => {
        if (isMet()) settle(true);
      };
      const timer = setTimeout(() => settle(false), deadlineMs);
      this.#waiting.add(look);
    });
  }
}
