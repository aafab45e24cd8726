/** Callers that wait for a condition, which is checked when they come and at each `notify`. */
export class Waiters {
  readonly #checks = new Set<() => void>();

  notify(): void {
    for (const check of [...this.#checks]) check();
  }

  /** @param state what there is in place of the condition, for the error of a wait that takes too long */
  async until(condition: () => boolean, timeoutMs: number, state: () => string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#checks.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#checks.delete(check);
        reject(new Error(`waited ${timeoutMs} ms in vain: ${state()}`));
      }, timeoutMs);
      this.#checks.add(check);
    });
  }
}
