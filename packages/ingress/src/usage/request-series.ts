/**
 * All requests since the start as series of the metrics: counts by route, durations by API and integration. Bounded (see
 * docs/metrics.md), and no counter falls.
 */
import type { Clock } from "@latchkey/core";
import { type CountedMethod, codeOf, methodOf, type StatusClass, statusClassOf } from "./outcome.js";
import {
  addDurations,
  type DurationCounts,
  noDurations,
  type RouteCounts,
  type RouteName,
} from "./request-counts.js";
import { TopSeries } from "./top-series.js";
import { OVERFLOW_API } from "./usage-rows.js";

/** Routes, and APIs for what has no route, that have series of their own. */
const ROUTES_MAX = 150;
/** Series of one of them; what needs more is counted by class of status. */
const OUTCOMES_MAX = 8;
/** The same for `other`, and for what has no API. */
const SHARED_OUTCOMES_MAX = 200;
/** APIs with an integration that have durations of their own: 19 series each. */
const DURATIONS_MAX = 50;
/** How often the busiest are looked for. */
const PERIOD_MS = 60_000;

export interface RequestLabels extends RouteName {
  readonly method: CountedMethod;
  readonly status: StatusClass;
  /** Of the gateway's own responses. */
  readonly code: string;
}

export interface DurationLabels {
  readonly api: string;
  readonly integration: string;
}

const OTHER: RouteName = { api: OVERFLOW_API, route: OVERFLOW_API, integration: OVERFLOW_API };
const NONE: RouteName = { api: "", route: "", integration: "" };

export class RequestSeries {
  readonly #clock: Clock;
  readonly #routes = new TopSeries<RouteName, OutcomeCounts>(
    ROUTES_MAX,
    () => new OutcomeCounts(OUTCOMES_MAX),
    new OutcomeCounts(SHARED_OUTCOMES_MAX),
  );
  readonly #withoutApi = new OutcomeCounts(SHARED_OUTCOMES_MAX);
  readonly #durations = new TopSeries<DurationLabels, DurationCounts>(DURATIONS_MAX, noDurations);
  #periodEndsAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#periodEndsAtMs = clock.monotonicMs() + PERIOD_MS;
  }

  add(all: readonly RouteCounts[]): void {
    for (const { name, byOutcome, durations } of all) {
      const counts = this.#countsOf(name, sumOf(byOutcome.values()));
      for (const [outcome, requests] of byOutcome) counts.add(outcome, requests);
      const forwarded = sumOf(durations.buckets);
      if (forwarded > 0) addDurations(this.#durationsOf(name, forwarded), durations);
    }
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#periodEndsAtMs) return;
    this.#periodEndsAtMs = nowMs + PERIOD_MS;
    this.#routes.endPeriod();
    this.#durations.endPeriod();
  }

  /** Requests by route and outcome. */
  *requests(): Iterable<readonly [RequestLabels, number]> {
    yield* this.#withoutApi.labeled(NONE);
    for (const { name, value } of this.#routes.members()) yield* value.labeled(name);
    yield* this.#routes.other.labeled(OTHER);
  }

  /** Durations of forwarded requests. */
  *durations(): Iterable<readonly [DurationLabels, DurationCounts]> {
    for (const { name, value } of this.#durations.members()) yield [name, value];
    yield [{ api: OTHER.api, integration: OTHER.integration }, this.#durations.other];
  }

  #countsOf(name: RouteName, requests: number): OutcomeCounts {
    const { api, route, integration } = name;
    if (api === "") return this.#withoutApi;
    if (api === OVERFLOW_API) return this.#routes.other;
    return this.#routes.of(`${api} ${route} ${integration}`, name, requests);
  }

  #durationsOf({ api, integration }: RouteName, requests: number): DurationCounts {
    if (api === OVERFLOW_API) return this.#durations.other;
    return this.#durations.of(`${api} ${integration}`, { api, integration }, requests);
  }
}

/** Requests by outcome (see outcome.ts, without the exact status); what finds no room is counted by its class of status. */
class OutcomeCounts {
  readonly #max: number;
  readonly #exact = new Map<number, number>();
  readonly #rest = new Map<StatusClass, number>();

  constructor(max: number) {
    this.#max = max;
  }

  add(outcome: number, requests: number): void {
    const known = this.#exact.get(outcome);
    if (known !== undefined || this.#exact.size < this.#max) {
      this.#exact.set(outcome, (known ?? 0) + requests);
      return;
    }
    const status = statusClassOf(outcome);
    this.#rest.set(status, (this.#rest.get(status) ?? 0) + requests);
  }

  *labeled(name: RouteName): Iterable<readonly [RequestLabels, number]> {
    for (const [outcome, requests] of this.#exact) {
      const status = statusClassOf(outcome);
      yield [{ ...name, method: methodOf(outcome), status, code: codeOf(outcome) }, requests];
    }
    for (const [status, requests] of this.#rest)
      yield [{ ...name, method: "other", status, code: OVERFLOW_API }, requests];
  }
}

function sumOf(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
