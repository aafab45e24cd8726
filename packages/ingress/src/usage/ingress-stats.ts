/** Plain counters of a node; the admin server turns them into metrics when asked. No ids, no paths. */
import { type IngressErrorCode, ingressErrorCodes } from "@latchkey/core";
import { noTelemetryCounts, type TelemetryCounts } from "@latchkey/observe";
import { addCounts, addEach } from "./add-counts.js";
import { LATENCY_BUCKETS, latencyBucket } from "./latency-bounds.js";
import { statusClasses, statusClassIndex } from "./outcome.js";

/** Why a client connection was refused, or closed while idle for another one. */
export const connectionRefusalReasons = ["server_full", "address_full", "idle_closed"] as const;
export type ConnectionRefusalReason = (typeof connectionRefusalReasons)[number];
export type ConnectionCounts = Record<ConnectionRefusalReason, number>;

/** How responses were checked: `unchecked` ones were too large, or could not be checked at the time. */
export const responseCheckOutcomes = ["valid", "reported", "refused", "unchecked"] as const;
export type ResponseCheckOutcome = (typeof responseCheckOutcomes)[number];

/** What happens beside requests. Names: `cached` out of the node's own cache, the others out of name servers. */
export interface EventCounts extends TelemetryCounts {
  readonly names: { cached: number; resolved: number; failed: number };
  readonly handshakes: { completed: number; failed: number };
  readonly tokens: { fetched: number; failed: number };
  readonly accessLog: { written: number; lost: number };
}

export function noEvents(): EventCounts {
  return {
    names: { cached: 0, resolved: 0, failed: 0 },
    handshakes: { completed: 0, failed: 0 },
    tokens: { fetched: 0, failed: 0 },
    accessLog: { written: 0, lost: 0 },
    ...noTelemetryCounts(),
  };
}

/** The counters as plain data. */
export interface StatsValue {
  readonly byStatusClass: readonly number[];
  readonly errors: ReadonlyMap<IngressErrorCode, number>;
  readonly gatewayBuckets: readonly number[];
  readonly gatewayUs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly limitsByServer: number;
  readonly limitsByNode: number;
  readonly refusedConnections: Readonly<ConnectionCounts>;
  readonly responseChecks: Readonly<Record<ResponseCheckOutcome, number>>;
  readonly events: EventCounts;
}

interface Counter {
  count: number;
}

export class IngressStats implements StatsValue {
  /** In the order of `statusClasses`. */
  readonly byStatusClass: number[] = statusClasses.map(() => 0);
  /** Forwarded requests by the time that the gateway added. */
  readonly gatewayBuckets: number[] = new Array<number>(LATENCY_BUCKETS).fill(0);
  gatewayUs = 0;
  requestBytes = 0;
  responseBytes = 0;
  /** Requests of keys with limits, by who counted them, where nodes count together. */
  readonly sharedLimits = { byServer: 0, byNode: 0 };
  readonly refusedConnections: ConnectionCounts = { server_full: 0, address_full: 0, idle_closed: 0 };
  readonly responseChecks: Record<ResponseCheckOutcome, number> = {
    valid: 0,
    reported: 0,
    refused: 0,
    unchecked: 0,
  };

  readonly events: EventCounts;

  /** Counters, so that counting is one look-up. */
  readonly #errors = new Map<IngressErrorCode, Counter>(
    ingressErrorCodes.map((code) => [code, { count: 0 }]),
  );

  /** @param events counted by others, too */
  constructor(events = noEvents()) {
    this.events = events;
  }

  get errors(): ReadonlyMap<IngressErrorCode, number> {
    return new Map([...this.#errors].map(([code, { count }]) => [code, count]));
  }

  get limitsByServer(): number {
    return this.sharedLimits.byServer;
  }

  get limitsByNode(): number {
    return this.sharedLimits.byNode;
  }

  countStatus(status: number): void {
    const at = statusClassIndex(status);
    this.byStatusClass[at] = (this.byStatusClass[at] ?? 0) + 1;
  }

  countError(code: IngressErrorCode): void {
    (this.#errors.get(code) as Counter).count++;
  }

  countResponseCheck(outcome: ResponseCheckOutcome): void {
    this.responseChecks[outcome]++;
  }

  /** @param gatewayUs the time that the gateway added */
  countForwarded(requestBytes: number, responseBytes: number, gatewayUs: number): void {
    this.requestBytes += requestBytes;
    this.responseBytes += responseBytes;
    this.gatewayUs += gatewayUs;
    const bucket = latencyBucket(gatewayUs);
    this.gatewayBuckets[bucket] = (this.gatewayBuckets[bucket] as number) + 1;
  }

  value(): StatsValue {
    const { byStatusClass, errors, gatewayBuckets, gatewayUs } = this;
    const { requestBytes, responseBytes } = this;
    const { limitsByServer, limitsByNode, refusedConnections, responseChecks, events } = this;
    return {
      byStatusClass,
      errors,
      gatewayBuckets,
      gatewayUs,
      requestBytes,
      responseBytes,
      limitsByServer,
      limitsByNode,
      refusedConnections,
      responseChecks,
      events,
    };
  }

  add(other: StatsValue): void {
    addEach(this.byStatusClass, other.byStatusClass);
    for (const [code, count] of other.errors) (this.#errors.get(code) as Counter).count += count;
    addEach(this.gatewayBuckets, other.gatewayBuckets);
    this.gatewayUs += other.gatewayUs;
    this.requestBytes += other.requestBytes;
    this.responseBytes += other.responseBytes;
    this.sharedLimits.byServer += other.limitsByServer;
    this.sharedLimits.byNode += other.limitsByNode;
    addCounts(this.refusedConnections, other.refusedConnections);
    addCounts(this.responseChecks, other.responseChecks);
    addCounts(this.events.names, other.events.names);
    addCounts(this.events.handshakes, other.events.handshakes);
    addCounts(this.events.tokens, other.events.tokens);
    addCounts(this.events.accessLog, other.events.accessLog);
    addCounts(this.events.spans, other.events.spans);
    addCounts(this.events.logRecords, other.events.logRecords);
    addCounts(this.events.metricExports, other.events.metricExports);
  }
}
