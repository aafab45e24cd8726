/**
 * Requests by API, route, integration and outcome, on their way from the rows of an interval to the series of the metrics.
 * Plain data, so that workers can send it to their primary. Bounded: names beyond are counted as `other`.
 */
import { addEach } from "./add-counts.js";
import { LATENCY_BUCKETS } from "./latency-bounds.js";
import { classOutcomeOf } from "./outcome.js";
import { COUNT, DURATION_US, FIRST_BUCKET, OVERFLOW_API, type UsageRows } from "./usage-rows.js";

/** APIs with their routes between two takes: about 2 MiB. */
const NAMES_MAX = 4_096;

/** What series are named by. Empty: the request has none, or was refused before that was known. */
export interface RouteName {
  readonly api: string;
  readonly route: string;
  readonly integration: string;
}

export interface RouteCounts {
  readonly name: RouteName;
  /** By outcome without its exact status: see outcome.ts. */
  readonly byOutcome: Map<number, number>;
  /** Of the forwarded ones. */
  readonly durations: DurationCounts;
}

/** One more bucket than there are bounds. */
export interface DurationCounts {
  sumUs: number;
  readonly buckets: number[];
}

const OTHER: RouteName = { api: OVERFLOW_API, route: "", integration: "" };

export function noDurations(): DurationCounts {
  return { sumUs: 0, buckets: new Array<number>(LATENCY_BUCKETS).fill(0) };
}

export function addDurations(to: DurationCounts, from: DurationCounts): void {
  to.sumUs += from.sumUs;
  addEach(to.buckets, from.buckets);
}

export class RequestCounts {
  #byName = new Map<string, RouteCounts>();

  addRows(rows: UsageRows, from: number, to: number): void {
    for (let row = from; row < to; row++) this.#addRow(rows, row);
  }

  /** What was added since the last time. */
  take(): readonly RouteCounts[] {
    const taken = [...this.#byName.values()];
    this.#byName = new Map();
    return taken;
  }

  #addRow(rows: UsageRows, row: number): void {
    const { byOutcome, durations } = this.#countsOf(rows, row);
    const outcome = classOutcomeOf(rows.outcome(row));
    byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + rows.number(row, COUNT));
    durations.sumUs += rows.number(row, DURATION_US);
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++)
      durations.buckets[bucket] =
        (durations.buckets[bucket] as number) + rows.number(row, FIRST_BUCKET + bucket);
  }

  #countsOf(rows: UsageRows, row: number): RouteCounts {
    const api = rows.key(row).api.id;
    const route = rows.route(row);
    const text = route === null ? api : `${api} ${route.id} ${route.integration.id}`;
    const known = this.#byName.get(text);
    if (known !== undefined) return known;
    if (this.#byName.size >= NAMES_MAX && api !== OVERFLOW_API) return this.#open(OVERFLOW_API, OTHER);
    const integration = route?.integration.id ?? "";
    return this.#open(text, { api, route: route?.id ?? "", integration });
  }

  #open(text: string, name: RouteName): RouteCounts {
    const known = this.#byName.get(text);
    if (known !== undefined) return known;
    const opened: RouteCounts = { name, byOutcome: new Map(), durations: noDurations() };
    this.#byName.set(text, opened);
    return opened;
  }
}
