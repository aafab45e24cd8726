/** How many nodes may come and be filled at once. Refuses with a hint; never queues what it refused. */
import type { Clock } from "@latchkey/core";

export type Admission =
  | { readonly kind: "admitted" }
  /** Come again after so many milliseconds; the refused of one rush get times apart. */
  | { readonly kind: "refused"; readonly retryAfterMs: number };

const ADMITTED: Admission = { kind: "admitted" };
const RETRY_AFTER_MS_MAX = 60_000;

/** Lets `ratePerSecond` in on average and `burst` at once. */
export class AdmissionGate {
  readonly #clock: Clock;
  readonly #ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  /** Refused ones that were given a time and have not had it yet; drains at the same rate. */
  #waiting = 0;
  #lastMs: number;

  constructor(options: { readonly clock: Clock; readonly ratePerSecond: number; readonly burst: number }) {
    this.#clock = options.clock;
    this.#ratePerSecond = options.ratePerSecond;
    this.#burst = options.burst;
    this.#tokens = options.burst;
    this.#lastMs = options.clock.monotonicMs();
  }

  admit(): Admission {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#lastMs) * this.#ratePerSecond) / 1000;
    this.#lastMs = nowMs;
    this.#waiting = Math.max(0, this.#waiting - gained);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return ADMITTED;
    }
    this.#waiting += 1;
    const retryAfterMs = Math.ceil((this.#waiting * 1000) / this.#ratePerSecond);
    return { kind: "refused", retryAfterMs: Math.min(retryAfterMs, RETRY_AFTER_MS_MAX) };
  }
}

/** Calls of one node in a row, and then so many a second: a node that works comes seldom, and waits longer each time. */
const OWN_BURST = 10;
const OWN_RATE_PER_SECOND = 1;
/** Nodes that came last; the others have their calls again. */
const NODES_MAX = 4_096;

/** The gate of all nodes behind one for each: a node that comes again and again keeps no other out. */
export class NodeAdmission {
  readonly #clock: Clock;
  readonly #all: AdmissionGate;
  /** By node id, the one that came last at the end. */
  readonly #own = new Map<string, AdmissionGate>();

  constructor(options: { readonly clock: Clock; readonly ratePerSecond: number; readonly burst: number }) {
    this.#clock = options.clock;
    this.#all = new AdmissionGate(options);
  }

  admit(nodeId: string): Admission {
    const own = this.#gateOf(nodeId).admit();
    return own.kind === "refused" ? own : this.#all.admit();
  }

  #gateOf(nodeId: string): AdmissionGate {
    const gate =
      this.#own.get(nodeId) ??
      new AdmissionGate({ clock: this.#clock, ratePerSecond: OWN_RATE_PER_SECOND, burst: OWN_BURST });
    this.#own.delete(nodeId);
    this.#own.set(nodeId, gate);
    const [oldest] = this.#own.keys();
    if (this.#own.size > NODES_MAX && oldest !== undefined) this.#own.delete(oldest);
    return gate;
  }
}

/** At most `slots` holders at once, first come first served. */
export class TransferSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Resolves with what gives the slot back (once). */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
