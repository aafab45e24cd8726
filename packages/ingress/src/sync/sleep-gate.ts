/**
 * Keeps a process that slept from serving what it knew before. A process that was stopped or suspended for longer than
 * a limit may have missed revocations: the gate closes until the control plane (or, for a worker, its primary) confirms
 * the configuration over a connection made after the sleep, and for no longer than the limit. A control plane that is
 * away while the process runs closes nothing.
 */
import { uptime } from "node:os";
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";

const CHECK_MS = 250;
/** An event loop that is busy for less than this did not sleep. */
const LIMIT_MS_MIN = 1_000;

export interface SleepGateOptions {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds since the machine's start, its own sleep included; the monotonic clock of Linux leaves that out. */
  readonly uptimeMs?: () => number;
}

export class SleepGate {
  readonly #options: SleepGateOptions;
  readonly #limitMs: number;
  readonly #uptimeMs: () => number;
  readonly #onWake: ((unnoticedMs: number) => void)[] = [];
  readonly #onOpen: (() => void)[] = [];
  #checkedAtMs: number;
  #checkedUptimeMs: number;
  /** Past one of these a sleep is possible. The wall clock notices those of the machine, and steps that are none. */
  #deadlineMs = 0;
  #wallDeadlineMs = 0;
  #askedAtMs = Number.NaN;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  #giveUp: NodeJS.Timeout | null = null;

  constructor(options: SleepGateOptions) {
    this.#options = options;
    this.#limitMs = Math.max(LIMIT_MS_MIN, options.limitMs);
    this.#uptimeMs = options.uptimeMs ?? systemUptimeMs;
    this.#checkedAtMs = options.clock.monotonicMs();
    this.#checkedUptimeMs = this.#uptimeMs();
    this.#setDeadlines();
  }

  /** Calls back when a sleep was noticed, with the part of it that the monotonic clock left out. */
  onWake(listener: (unnoticedMs: number) => void): void {
    this.#onWake.push(listener);
  }

  onOpen(listener: () => void): void {
    this.#onOpen.push(listener);
  }

  start(): void {
    this.#timer = setInterval(() => this.#check(), Math.min(CHECK_MS, this.#limitMs / 4));
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#giveUp !== null) clearTimeout(this.#giveUp);
  }

  /**
   * Whether nothing may be served. Asked before each request and each message: those come before timers. Requests of
   * one event-loop batch have one time, and look at the wall clock once: where reading it is a system call, it costs 0.4 us.
   */
  isClosed(monotonicMs: number): boolean {
    if (monotonicMs === this.#askedAtMs) return this.#isClosed;
    this.#askedAtMs = monotonicMs;
    if (monotonicMs > this.#deadlineMs || this.#options.clock.now() > this.#wallDeadlineMs) this.#check();
    return this.#isClosed;
  }

  /** The configuration is confirmed over a connection made after the last wake. */
  confirm(): void {
    if (this.#isClosed) this.#open();
  }

  #check(): void {
    const atMs = this.#options.clock.monotonicMs();
    const uptimeMs = this.#uptimeMs();
    const ranMs = atMs - this.#checkedAtMs;
    const machineMs = uptimeMs - this.#checkedUptimeMs;
    const passedMs = Number.isNaN(machineMs) ? ranMs : Math.max(ranMs, machineMs);
    this.#checkedAtMs = atMs;
    this.#checkedUptimeMs = uptimeMs;
    this.#setDeadlines();
    if (passedMs > this.#limitMs) this.#close(passedMs, passedMs - ranMs);
  }

  #setDeadlines(): void {
    this.#deadlineMs = this.#checkedAtMs + this.#limitMs;
    this.#wallDeadlineMs = this.#options.clock.now() + this.#limitMs;
  }

  #close(sleptMs: number, unnoticedMs: number): void {
    this.#isClosed = true;
    this.#options.log.warn(
      { sleptMs: Math.round(sleptMs) },
      "this process slept; it serves again when the control plane has confirmed its configuration",
    );
    if (this.#giveUp !== null) clearTimeout(this.#giveUp);
    this.#giveUp = setTimeout(() => {
      this.#options.log.warn(
        "the control plane was not reached after the sleep; serving on with what is known",
      );
      this.#open();
    }, this.#limitMs);
    this.#giveUp.unref();
    for (const listener of this.#onWake) listener(unnoticedMs);
  }

  #open(): void {
    this.#isClosed = false;
    if (this.#giveUp !== null) clearTimeout(this.#giveUp);
    this.#giveUp = null;
    for (const listener of this.#onOpen) listener();
  }
}

/** Reads a file of the system: fails when the process has no descriptor left. Then only the monotonic clock counts. */
function systemUptimeMs(): number {
  try {
    return uptime() * 1000;
  } catch {
    return Number.NaN;
  }
}
