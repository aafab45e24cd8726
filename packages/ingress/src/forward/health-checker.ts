/** Active checks of an integration's targets: a GET now and then; 2xx and 3xx are healthy. Starts with the first request. */
import type { UpstreamError, UpstreamExchange, UpstreamHandler } from "@latchkey/http1";
import type { HealthCheck } from "@latchkey/snapshot";
import type { Target } from "./target.js";

const MIN_INTERVAL_MS = 100;

export class HealthChecker {
  readonly #check: HealthCheck;
  readonly #targets: readonly Target[];
  #timer: NodeJS.Timeout | null = null;
  readonly #probes = new Set<Probe>();

  constructor(check: HealthCheck, targets: readonly Target[]) {
    this.#check = check;
    this.#targets = targets;
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
      const probe = new Probe(target, this.#check, (isHealthy) => {
        this.#probes.delete(probe);
        if (isHealthy !== null) this.#count(target, isHealthy);
      });
      this.#probes.add(probe);
      probe.start();
    }
  }

  readonly #streaks = new Map<Target, { isHealthy: boolean; length: number }>();

  #count(target: Target, isHealthy: boolean): void {
    const streak = this.#streaks.get(target);
    if (streak === undefined || streak.isHealthy !== isHealthy)
      this.#streaks.set(target, { isHealthy, length: 1 });
    else streak.length++;
    const length = this.#streaks.get(target)?.length ?? 0;
    const needed = isHealthy ? this.#check.healthyAfter : this.#check.unhealthyAfter;
    if (target.isHealthy !== isHealthy && length >= Math.max(1, needed)) target.isHealthy = isHealthy;
  }
}

class Probe implements UpstreamHandler {
  readonly target: Target;
  readonly #check: HealthCheck;
  /** Null: it cannot be told. */
  readonly #onDone: (isHealthy: boolean | null) => void;
  #exchange: UpstreamExchange | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isDone = false;

  constructor(target: Target, check: HealthCheck, onDone: (isHealthy: boolean | null) => void) {
    this.target = target;
    this.#check = check;
    this.#onDone = onDone;
  }

  start(): void {
    this.#timer = setTimeout(() => this.#done(false), Math.max(1, this.#check.timeoutMs));
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
    this.#done(status >= 200 && status < 400);
  }
  onResponseData(): boolean {
    return true;
  }
  onResponseEnd(): void {
    this.#done(false);
  }
  onError(error: UpstreamError): void {
    // That this node has no connection to spare says nothing of the target.
    const isOurs =
      error.code === "queue_full" || error.code === "queue_timeout" || error.code === "client_closed";
    this.#done(isOurs ? null : false);
  }
  onDrain(): void {}

  #done(isHealthy: boolean | null): void {
    if (this.#isDone) return;
    this.abandon();
    this.#onDone(isHealthy);
  }
}
