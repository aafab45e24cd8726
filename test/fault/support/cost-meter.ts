/** How much CPU time of a process's main thread requests cost, one at a time over kept connections. */
import { readFileSync } from "node:fs";
import { RawClient } from "@latchkey/testkit";
import { NotHere } from "./fault.js";

/** A run over this is repeated, and the least counts: a collection of garbage is not the request's fault. */
const REPEATED_OVER_MS = 1;
const TRIES = 6;
/** Of one that is over its limit: other work of the machine costs it time, too. */
const TRIES_MAX = 30;
/** A side that waits for the rest of a request is left after this long. */
const WAIT_MS = 100;

/** CPU time of a process's main thread. @throws NotHere where the kernel does not tell */
export function cpuMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    throw new NotHere("this system does not tell a thread's CPU time in nanoseconds (/proc/<pid>/schedstat)");
  }
}

interface CostMeterOptions {
  readonly pid: number;
  readonly port: number;
}

export class CostMeter implements Disposable {
  readonly #options: CostMeterOptions;
  #client: RawClient | null = null;
  #worst = { ms: 0, name: "" };
  /** Requests that were measured. */
  count = 0;
  /** Those over the limit, in words. */
  readonly tooDear: string[] = [];

  constructor(options: CostMeterOptions) {
    this.#options = options;
  }

  /**
   * Sends it until it cost little, or often enough.
   * @param limitMs what it may cost, in milliseconds
   * @returns the least that it cost
   */
  async measure(name: string, request: string, limitMs: number): Promise<number> {
    const { pid } = this.#options;
    let leastMs = Number.POSITIVE_INFINITY;
    for (
      let tries = 0;
      leastMs > REPEATED_OVER_MS && tries < (leastMs > limitMs ? TRIES_MAX : TRIES);
      tries++
    ) {
      const beforeMs = cpuMs(pid);
      await this.send(request);
      leastMs = Math.min(leastMs, cpuMs(pid) - beforeMs);
      this.count++;
    }
    if (leastMs > this.#worst.ms) this.#worst = { ms: leastMs, name };
    if (leastMs > limitMs) this.tooDear.push(`${leastMs.toFixed(1)} ms: ${name}`);
    return leastMs;
  }

  /** One request more; a connection that the server ended is opened anew. */
  async send(request: string): Promise<void> {
    if (this.#client === null || this.#client.isClosed)
      this.#client = await RawClient.connect(this.#options.port);
    const client = this.#client;
    client.send(request);
    const timer = setTimeout(() => this.#drop(), WAIT_MS);
    // A response, or the end of the connection: what it is does not matter here.
    const response = await client.response(request.startsWith("HEAD ")).catch(() => null);
    clearTimeout(timer);
    if (response === null || response.header("connection") === "close" || response.status >= 400)
      this.#drop();
  }

  get figure(): string {
    return `${this.count} requests: the costliest ${this.#worst.ms.toFixed(2)} ms of CPU (${this.#worst.name})`;
  }

  #drop(): void {
    this.#client?.[Symbol.dispose]();
    this.#client = null;
  }

  [Symbol.dispose](): void {
    this.#drop();
  }
}
