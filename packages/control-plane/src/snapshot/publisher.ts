/**
 * Decides when commits become a revision for the nodes: a single change at once, a burst at a bounded rate,
 * a revocation at once always. Also polls, for commits of other processes. Does not know any node.
 */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { SqlChangeLog } from "./change-log.js";
import type { SnapshotCache } from "./snapshot-cache.js";

/** At least this long between two revisions, unless something is revoked: ten revisions a second … */
export const PUBLISH_INTERVAL_MS = 100;
/** … for this many streams or more. The interval saves the work of fan-out, so fewer streams wait less: one waits 5 ms. */
const STREAMS_OF_FULL_INTERVAL = 20;
/** A commit of another process, or one whose notice was lost, is found after this. */
export const POLL_INTERVAL_MS = 2_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;
/** Longer than this without a look at the database: it does not respond. */
const READ_AGE_MS_MAX = 10_000;

export interface PublisherOptions {
  readonly cache: SnapshotCache;
  readonly log: SqlChangeLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publishIntervalMs?: number;
  readonly streamCount?: () => number;
  readonly pollIntervalMs?: number;
}

type State =
  | { readonly kind: "idle" }
  /** A turn is due: at once (`immediate`) or when the interval is over (`timer`). */
  | { readonly kind: "waiting"; readonly cancel: () => void; readonly urgent: boolean }
  /** Reading; `again` when something was committed in the meantime. */
  | { readonly kind: "running"; again: "no" | "soon" | "now" }
  | { readonly kind: "stopped" };

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #stopListening: () => void;
  readonly #poll: NodeJS.Timeout;
  #state: State = { kind: "idle" };
  #lastMs = Number.NEGATIVE_INFINITY;
  #retryMs = RETRY_MS_MIN;
  #isFailing = false;
  /** When the database was last read. */
  #readMs: number;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#readMs = options.clock.monotonicMs();
    this.#stopListening = options.log.onCommit((commit) => this.#request(commit.revocation ? "now" : "soon"));
    this.#poll = setInterval(() => this.#request("soon"), options.pollIntervalMs ?? POLL_INTERVAL_MS);
    this.#poll.unref();
  }

  /** Whether the database can be read, as far as the last look tells. */
  get canRead(): boolean {
    return !this.#isFailing && this.#options.clock.monotonicMs() - this.#readMs <= READ_AGE_MS_MAX;
  }

  /** For notices of commits by other processes (e.g. PostgreSQL NOTIFY). */
  notice(): void {
    this.#request("soon");
  }

  stop(): void {
    this.#stopListening();
    clearInterval(this.#poll);
    if (this.#state.kind === "waiting") this.#state.cancel();
    this.#state = { kind: "stopped" };
  }

  #request(when: "soon" | "now"): void {
    const state = this.#state;
    switch (state.kind) {
      case "stopped":
        return;
      case "running":
        if (state.again !== "now") state.again = when;
        return;
      case "waiting":
        if (state.urgent || when === "soon") return;
        state.cancel();
        this.#schedule(0);
        return;
      case "idle":
        this.#schedule(
          when === "now" ? 0 : this.#lastMs + this.#intervalMs() - this.#options.clock.monotonicMs(),
        );
    }
  }

  #intervalMs(): number {
    const { publishIntervalMs = PUBLISH_INTERVAL_MS, streamCount } = this.#options;
    const share = streamCount === undefined ? 1 : streamCount() / STREAMS_OF_FULL_INTERVAL;
    return publishIntervalMs * Math.min(1, share);
  }

  /** At once still means the next turn of the event loop: commits of one turn become one revision. */
  #schedule(delayMs: number): void {
    if (delayMs <= 0) {
      const immediate = setImmediate(() => this.#run());
      this.#state = { kind: "waiting", urgent: true, cancel: () => clearImmediate(immediate) };
      return;
    }
    const timer = setTimeout(() => this.#run(), delayMs);
    this.#state = { kind: "waiting", urgent: false, cancel: () => clearTimeout(timer) };
  }

  #run(): void {
    const running: State = { kind: "running", again: "no" };
    this.#state = running;
    const before = this.#options.cache.revision;
    this.#options.cache.advance().then(
      () => {
        this.#retryMs = RETRY_MS_MIN;
        this.#isFailing = false;
        this.#readMs = this.#options.clock.monotonicMs();
        // A poll that found nothing must not hold up the next change.
        if (this.#options.cache.revision !== before) this.#lastMs = this.#options.clock.monotonicMs();
        this.#settle(running);
      },
      (error: unknown) => {
        this.#isFailing = true;
        this.#options.logger.error({ err: error }, "cannot read the changes to publish, trying again");
        if (this.#state.kind === "stopped") return;
        this.#schedule(this.#retryMs);
        this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
      },
    );
  }

  #settle(running: { readonly again: "no" | "soon" | "now" }): void {
    if (this.#state.kind === "stopped") return;
    this.#state = { kind: "idle" };
    if (running.again !== "no") this.#request(running.again);
  }
}
