/** The one reference to the current table. One assignment publishes a table; a request reads it once. */
import type { Clock } from "@latchkey/core";
import type { IntegrationHandle } from "./integration-ref.js";
import type { RouteTable } from "./route-table.js";

/** The least delayed of the heartbeats of this long is believed: two of our clocks drift apart by milliseconds in it. */
const WINDOW_MS = 60_000;
/** A server time that is further back than delays explain: the control plane's clock was set. */
const STEP_MS = 10_000;

export class CurrentTable<I extends IntegrationHandle> {
  readonly #clock: Clock;
  #current: RouteTable<I> | null = null;
  /** Control plane's clock minus our monotonic one, from heartbeats; NaN until the first. */
  #serverOffsetMs = Number.NaN;
  /** The largest offset since the window began. */
  #windowOffsetMs = Number.NaN;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  /** Monotonic time at which the control plane last confirmed our revision. */
  confirmedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null until a revision is applied. */
  get table(): RouteTable<I> | null {
    return this.#current;
  }

  /**
   * Takes the control plane's time from a message. One that waited on its way makes the offset too small, never too large, and
   * a key would live on for as long: so the largest of the last window and this one counts, unless the clock was set.
   */
  heardServerTime(serverTimeMs: number): void {
    const atMs = this.#clock.monotonicMs();
    const offsetMs = serverTimeMs - atMs;
    if (!(this.#serverOffsetMs - offsetMs <= STEP_MS)) {
      this.#serverOffsetMs = offsetMs;
      this.#windowOffsetMs = offsetMs;
      this.#windowFromMs = atMs;
      return;
    }
    if (atMs - this.#windowFromMs >= WINDOW_MS) {
      this.#serverOffsetMs = this.#windowOffsetMs;
      this.#windowOffsetMs = offsetMs;
      this.#windowFromMs = atMs;
    } else this.#windowOffsetMs = Math.max(this.#windowOffsetMs, offsetMs);
    this.#serverOffsetMs = Math.max(this.#serverOffsetMs, offsetMs);
  }

  /**
   * The control plane's time, in milliseconds since 1970. Goes on by our monotonic clock, so that a step of our
   * wall clock makes no key expire or live again; by our wall clock only until the control plane was heard.
   */
  serverTimeMs(): number {
    const offsetMs = this.#serverOffsetMs;
    return Number.isNaN(offsetMs) ? this.#clock.now() : this.#clock.monotonicMs() + offsetMs;
  }

  /** The machine slept, and the monotonic clock left that out. */
  slept(ms: number): void {
    this.#serverOffsetMs += ms;
    this.#windowOffsetMs += ms;
    this.confirmedAtMs -= ms;
  }

  /** Gives the table that was replaced. */
  swap(table: RouteTable<I>): RouteTable<I> | null {
    const previous = this.#current;
    this.#current = table;
    return previous;
  }
}
