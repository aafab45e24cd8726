// One coarse clock for all time-outs of the process: members are called with each tick and compare numbers, so that arming
// a time-out on the request path is one assignment. Ticks are counted, not measured: when the event loop stood
// still, time-outs come later, never all at once before what has arrived was read.

/** How long one tick lasts. Time-outs are kept to about this much, upwards. */
export const TICK_MS = 100;

export interface Ticked {
  onTick(tick: number): void;
}

class Ticker {
  /** Ticks since the start. */
  tick = 0;
  readonly #members = new Set<Ticked>();
  #timer: NodeJS.Timeout | null = null;

  add(member: Ticked): void {
    this.#members.add(member);
    // Sockets keep the process alive, the clock need not.
    this.#timer ??= setInterval(() => this.#advance(), TICK_MS).unref();
  }

  remove(member: Ticked): void {
    this.#members.delete(member);
    if (this.#members.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #advance(): void {
    this.tick++;
    for (const member of this.#members) member.onTick(this.tick);
  }
}

export const ticker = new Ticker();

/** Ticks that last at least `ms`: the current tick is partly over. */
export function ticksFor(ms: number): number {
  return Math.ceil(ms / TICK_MS) + 1;
}
