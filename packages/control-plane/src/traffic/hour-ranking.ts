/**
 * Which APIs, integrations and responses had the most requests in the last hour, by the minute. Bounded: of each kind the
 * entries unused for longest are dropped first. Times are of arrival, by our clock.
 */
import type { Clock } from "@latchkey/core";
import type { UsageCountReport, UsageReport } from "../snapshot/node-observer.js";

const MINUTES = 60;
const MINUTE_MS = 60_000;
const APIS_MAX = 10_000;
const INTEGRATIONS_MAX = 10_000;
/** Codes of the catalogue with their statuses, and statuses of integrations. */
const RESPONSES_MAX = 1_000;

export interface RankedCount {
  readonly id: string;
  readonly requests: number;
  readonly failures: number;
  /** Requests by minute, oldest first; the last minute is still being filled. */
  readonly perMinute: readonly number[];
}

/** A response with an error: its status, and the gateway's code or empty when it is the integration's. */
export interface RankedResponse extends RankedCount {
  readonly status: number;
  readonly errorCode: string;
}

export class HourRanking {
  readonly #apis: MinuteCounts;
  readonly #integrations: MinuteCounts;
  readonly #responses: MinuteCounts;

  constructor(clock: Clock) {
    this.#apis = new MinuteCounts(clock, APIS_MAX);
    this.#integrations = new MinuteCounts(clock, INTEGRATIONS_MAX);
    this.#responses = new MinuteCounts(clock, RESPONSES_MAX);
  }

  record(report: UsageReport): void {
    for (const count of report.counts) {
      const { apiId, integrationId, status, errorCode, count: requests } = count;
      const isFailure = status >= 500;
      if (apiId !== "") this.#apis.add(apiId, requests, isFailure);
      if (integrationId !== "" && isOfIntegration(count))
        this.#integrations.add(integrationId, requests, isFailure);
      if (status >= 400) this.#responses.add(`${status} ${errorCode}`, requests, isFailure);
    }
  }

  topApis(limit: number): readonly RankedCount[] {
    return this.#apis.top(limit);
  }

  topErrors(limit: number): readonly RankedResponse[] {
    return this.#responses.top(limit).map((ranked) => {
      const [status = "", errorCode = ""] = ranked.id.split(" ");
      return { ...ranked, status: Number(status), errorCode };
    });
  }

  /** Integrations of which at least half of the requests failed in the last `minutes`, those with most failures first. */
  failingIntegrations(minutes: number, requestsMin: number): readonly RankedCount[] {
    return this.#integrations
      .all(minutes)
      .filter(({ requests, failures }) => requests >= requestsMin && failures * 2 >= requests)
      .sort((a, b) => b.failures - a.failures);
  }
}

/** The integration responded, or the gateway could not get its response. */
function isOfIntegration({ errorCode }: UsageCountReport): boolean {
  return errorCode === "" || errorCode.startsWith("upstream.");
}

interface Entry {
  /** The minute (since 1970) that the counts end with. */
  minute: number;
  /** By minute modulo 60. */
  readonly requests: Float64Array;
  readonly failures: Float64Array;
}

class MinuteCounts {
  readonly #clock: Clock;
  readonly #max: number;
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  add(id: string, requests: number, isFailure: boolean): void {
    const minute = this.#minute();
    const entry = this.#entries.get(id) ?? {
      minute,
      requests: new Float64Array(MINUTES),
      failures: new Float64Array(MINUTES),
    };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    advance(entry, minute);
    const index = minute % MINUTES;
    entry.requests[index] = (entry.requests[index] ?? 0) + requests;
    if (isFailure) entry.failures[index] = (entry.failures[index] ?? 0) + requests;
    if (this.#entries.size <= this.#max) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  top(limit: number): readonly RankedCount[] {
    return this.all(MINUTES)
      .sort((a, b) => b.requests - a.requests)
      .slice(0, limit);
  }

  /** Those with requests in the last `minutes`. */
  all(minutes: number): RankedCount[] {
    const newest = this.#minute();
    const found: RankedCount[] = [];
    for (const [id, entry] of this.#entries) {
      advance(entry, newest);
      const perMinute = lastOf(entry.requests, newest, minutes);
      const requests = sum(perMinute);
      if (requests === 0) continue;
      found.push({ id, requests, failures: sum(lastOf(entry.failures, newest, minutes)), perMinute });
    }
    return found;
  }

  #minute(): number {
    return Math.floor(this.#clock.now() / MINUTE_MS);
  }
}

/** Clears the minutes that passed without requests. */
function advance(entry: Entry, minute: number): void {
  if (minute <= entry.minute) return;
  const from = Math.max(entry.minute + 1, minute - MINUTES + 1);
  for (let passed = from; passed <= minute; passed++) {
    entry.requests[passed % MINUTES] = 0;
    entry.failures[passed % MINUTES] = 0;
  }
  entry.minute = minute;
}

function lastOf(counts: Float64Array, newest: number, minutes: number): number[] {
  return Array.from({ length: minutes }, (_, i) => counts[(newest - minutes + 1 + i) % MINUTES] ?? 0);
}

function sum(counts: readonly number[]): number {
  return Math.min(
    counts.reduce((total, count) => total + count, 0),
    Number.MAX_SAFE_INTEGER,
  );
}
