/** Active checks of an integration's targets: a GET now and then; 2xx and 3xx are healthy. Starts with the first request. */
import type { OutgoingRequest, UpstreamError, UpstreamHandler } from "@latchkey/http1";
import type { HealthCheck } from "@latchkey/snapshot";
import type { Target } from "./target.js";
import type { HealthFailure } from "./upstream-failures.js";

const MIN_INTERVAL_MS = 100;

/** `passed`, why not, or null: this check says nothing of the target. */
type Outcome = "passed" | HealthFailure | null;

/** Called once for each change. @param failure null: the target is healthy again */
type HealthListener = (target: Target, failure: HealthFailure | null) => void;

export class HealthChecker {
  readonly #check: HealthCheck;
  readonly #targets: readonly Target[];
  #timer: NodeJS.Timeout | null = null;
  readonly #probes = new Set<Probe>();
  readonly #onChange: HealthListener;

  constructor(check: HealthCheck, targets: readonly Target[], onChange: HealthListener) {
    this.#check = check;
    this.#targets = targets;
    this.#onChange = onChange;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#probeAll(), Math.max(MIN_INTERVAL_MS, this.#check.intervalMs));
    this.#timer.unref();
    this.#probeAll();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const probe of this.#probes) probe.abandon();
    this.#probes.clear();
  }

  #probeAll(): void {
    for (const target of this.#targets) {
      if ([...this.#probes].some((probe) => probe.target === target)) continue;
      const probe = new Probe(target, this.#check, (outcome) => {
        this.#probes.delete(probe);
        if (outcome !== null) this.#count(target, outcome === "passed" ? null : outcome);
      });
      this.#probes.add(probe);
      probe.start();
    }
  }

  readonly #streaks = new Map<Target, { isHealthy: boolean; length: number }>();

  #count(target: Target, failure: HealthFailure | null): void {
    const isHealthy = failure === null;
    const streak = this.#streaks.get(target);
    if (streak === undefined || streak.isHealthy !== isHealthy)
      this.#streaks.set(target, { isHealthy, length: 1 });
    else streak.length++;
    const length = this.#streaks.get(target)?.length ?? 0;
    const needed = isHealthy ? this.#check.healthyAfter : this.#check.unhealthyAfter;
    if (target.isHealthy === isHealthy || length < Math.max(1, needed)) return;
    target.isHealthy = isHealthy;
    this.#onChange(target, failure);
  }
}

class Probe implements UpstreamHandler {
  readonly target: Target;
  readonly #check: HealthCheck;
  readonly #onDone: (outcome: Outcome) => void;
  #exchange: OutgoingRequest | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isDone = false;

  constructor(target: Target, check: HealthCheck, onDone: (outcome: Outcome) => void) {
    this.target = target;
    this.#check = check;
    this.#onDone = onDone;
  }

  start(): void {
    const { timeoutMs } = this.#check;
    this.#timer = setTimeout(() => this.#done({ failure: "timeout", timeoutMs }), Math.max(1, timeoutMs));
    const path = this.#check.path.startsWith("/") ? this.#check.path : `/${this.#check.path}`;
    const headers = ["user-agent", "latchkey-health-check"];
    this.#exchange = this.target.client.dispatch({ method: "GET", path, headers, contentLength: 0 }, this);
  }

  abandon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isDone = true;
    this.#exchange?.abort();
  }

  onResponseStart(status: number): void {
    this.#done(status >= 200 && status < 400 ? "passed" : { failure: "status", status });
  }
  onResponseData(): boolean {
    return true;
  }
  /** The head has decided. */
  onResponseEnd(): void {}
  onError(error: UpstreamError): void {
    // That this node has no connection to spare says nothing of the target.
    const isOurs =
      error.code === "queue_full" || error.code === "queue_timeout" || error.code === "client_closed";
    this.#done(isOurs ? null : error);
  }
  onDrain(): void {}

  #done(outcome: Outcome): void {
    if (this.#isDone) return;
    this.abandon();
    this.#onDone(outcome);
  }
}
