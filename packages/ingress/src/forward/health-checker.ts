/**
 * Active checks of an integration's targets: a GET now and then, with the integration's credentials; 2xx and 3xx are healthy.
 * Starts with the first request.
 */
import type { OutgoingRequest, UpstreamError, UpstreamErrorCode, UpstreamHandler } from "@latchkey/http1";
import type { HealthCheck } from "@latchkey/snapshot";
import type { Login } from "../upstream-auth/login.js";
import type { Target } from "./target.js";
import { type HealthFailure, healthFailureText } from "./upstream-failures.js";

const MIN_INTERVAL_MS = 100;

/** That this node has no connection to spare says nothing of the target. */
const OURS: ReadonlySet<UpstreamErrorCode> = new Set([
  "queue_full",
  "queue_timeout",
  "client_closed",
  "no_socket",
]);

/** `passed`, why not, or null: this check says nothing of the target. */
type Outcome = "passed" | HealthFailure | null;

/** Called once for each change. @param failure null: the target is healthy again */
type HealthListener = (target: Target, failure: HealthFailure | null) => void;

export class HealthChecker {
  readonly #check: HealthCheck;
  readonly #targets: readonly Target[];
  readonly #login: Login | null;
  #timer: NodeJS.Timeout | null = null;
  readonly #probes = new Set<Probe>();
  readonly #onChange: HealthListener;

  /** @param login null: the integration has no credentials */
  constructor(check: HealthCheck, targets: readonly Target[], login: Login | null, onChange: HealthListener) {
    this.#check = check;
    this.#targets = targets;
    this.#login = login;
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
      const probe = new Probe(target, this.#check, this.#login, (outcome) => {
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
    if (failure !== null) {
      if (target.circuit === "closed") target.impairedSinceMs = Date.now();
      target.lastError = healthFailureText(failure);
    }
    target.isHealthy = isHealthy;
    this.#onChange(target, failure);
  }
}

class Probe implements UpstreamHandler {
  readonly target: Target;
  readonly #check: HealthCheck;
  readonly #login: Login | null;
  #loginVersion = 0;
  readonly #onDone: (outcome: Outcome) => void;
  #exchange: OutgoingRequest | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isDone = false;

  constructor(target: Target, check: HealthCheck, login: Login | null, onDone: (outcome: Outcome) => void) {
    this.target = target;
    this.#check = check;
    this.#login = login;
    this.#onDone = onDone;
  }

  start(): void {
    const { timeoutMs } = this.#check;
    this.#timer = setTimeout(() => this.#done({ failure: "timeout", timeoutMs }), Math.max(1, timeoutMs));
    this.#logIn();
  }

  /** That there is no secret or no token says nothing of the target. */
  #logIn(): void {
    if (this.#isDone) return;
    const verdict = this.#login === null ? null : this.#login.settle();
    if (verdict instanceof Promise) void verdict.then(() => this.#logIn());
    else if (verdict === null) this.#send();
    else this.#done(null);
  }

  #send(): void {
    const path = this.#check.path.startsWith("/") ? this.#check.path : `/${this.#check.path}`;
    const headers = ["user-agent", "latchkey-health-check"];
    const plain = { method: "GET", path, headers, contentLength: 0 };
    const login = this.#login;
    const request = login === null ? plain : login.applyTo(plain, this.target.url);
    if (login !== null) this.#loginVersion = login.version;
    if (request === null) this.#done(null);
    else this.#exchange = this.target.client.dispatch(request, this);
  }

  abandon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isDone = true;
    this.#exchange?.abort();
  }

  onResponseStart(status: number): void {
    // It may have refused a token before its end; the next check has another.
    const isRenewed = status === 401 && (this.#login?.renew(this.#loginVersion) ?? null) !== null;
    if (isRenewed) {
      this.#done(null);
      return;
    }
    this.#done(status >= 200 && status < 400 ? "passed" : { failure: "status", status });
  }
  onResponseData(): boolean {
    return true;
  }
  /** The head has decided. */
  onResponseEnd(): void {}
  onError(error: UpstreamError): void {
    this.#done(OURS.has(error.code) ? null : error);
  }
  onDrain(): void {}

  #done(outcome: Outcome): void {
    if (this.#isDone) return;
    this.abandon();
    this.#onDone(outcome);
  }
}
