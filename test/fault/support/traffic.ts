/**
 * Keep-alive clients that send one request after the other and judge each response: what is lost while something else
 * breaks is counted here, and nothing is tried twice. In the test's own process: few and honest, not fast.
 */
import { Agent, request } from "node:http";
import { quantile } from "./figures.js";

export interface Shot {
  readonly url: string;
  readonly key?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Null when the response is right, else what is wrong with it. Default: 200 is right. */
  readonly judge?: (response: ReceivedResponse) => string | null;
  /** Whether the connection may break instead. Default: it may not. */
  readonly mayBreak?: boolean;
}

export interface ReceivedResponse {
  readonly status: number;
  /** `Latchkey-Error`, when the gateway responded by itself. */
  readonly error: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface TrafficReport {
  readonly sent: number;
  readonly lost: number;
  /** The first of them, in words. */
  readonly reasons: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const REASONS_MAX = 10;
const RESPONSE_TIMEOUT_MS = 60_000;

export async function shoot(shot: Shot, agent?: Agent): Promise<ReceivedResponse> {
  return await new Promise<ReceivedResponse>((resolve, reject) => {
    const headers: Record<string, string> = { ...shot.headers };
    if (shot.key !== undefined) headers["Connxio-Api-Key"] = shot.key;
    if (shot.body !== undefined) headers["Content-Length"] = String(Buffer.byteLength(shot.body));
    const req = request(
      shot.url,
      { method: shot.method ?? "GET", headers, ...(agent && { agent }), timeout: RESPONSE_TIMEOUT_MS },
      (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.on("error", reject);
        res.on("aborted", () => reject(new Error("the response was cut")));
        res.on("end", () =>
          resolve({
            status: res.statusCode ?? 0,
            error: res.headers["latchkey-error"] as string | undefined,
            headers: res.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    req.on("timeout", () => req.destroy(new Error("no response in time")));
    req.on("error", reject);
    req.end(shot.body);
  });
}

export class Traffic {
  readonly #next: (client: number) => Shot | null;
  readonly #agent: Agent;
  readonly #clients: Promise<void>[];
  readonly #latenciesMs: number[] = [];
  readonly #reasons: string[] = [];
  #isStopped = false;
  sent = 0;
  lost = 0;

  /** @param next what a client sends next; null: it pauses for a moment */
  constructor(clients: number, next: (client: number) => Shot | null, pauseMs = 0) {
    this.#next = next;
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients, keepAliveMsecs: 60_000 });
    this.#clients = Array.from({ length: clients }, (_, i) => this.#client(i, pauseMs));
  }

  /** Resolves when so many more got a response. */
  async more(count: number): Promise<void> {
    const until = this.sent + count;
    while (this.sent < until) await pause(2);
  }

  /** Forgets what was measured, not what was lost. */
  forgetLatencies(): void {
    this.#latenciesMs.length = 0;
  }

  get report(): TrafficReport {
    return {
      sent: this.sent,
      lost: this.lost,
      reasons: this.#reasons,
      p50Ms: quantile(this.#latenciesMs, 0.5),
      p99Ms: quantile(this.#latenciesMs, 0.99),
      maxMs: quantile(this.#latenciesMs, 1),
    };
  }

  async stop(): Promise<TrafficReport> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return this.report;
  }

  async #client(index: number, pauseMs: number): Promise<void> {
    while (!this.#isStopped) {
      const shot = this.#next(index);
      if (shot === null) {
        await pause(5);
        continue;
      }
      const startedMs = performance.now();
      try {
        const response = await shoot(shot, this.#agent);
        const judge = shot.judge ?? isOk;
        this.#judged(judge(response));
      } catch (error) {
        if (shot.mayBreak !== true) this.#judged(error instanceof Error ? error.message : String(error));
      }
      this.#latenciesMs.push(performance.now() - startedMs);
      this.sent++;
      if (pauseMs > 0) await pause(pauseMs);
    }
  }

  #judged(problem: string | null): void {
    if (problem === null) return;
    this.lost++;
    if (this.#reasons.length < REASONS_MAX) this.#reasons.push(problem);
  }
}

export function isOk(response: ReceivedResponse): string | null {
  return response.status === 200 ? null : `${response.status} ${response.error ?? "from the integration"}`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
