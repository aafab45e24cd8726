/** Metrics of the message trail: what is kept, what is not and why, and how long deleting takes. Labels come from this file only. */
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type Registry,
} from "@latchkey/observe";

/** Why a reported request is not kept: too many waited to be written, or the database refused them. */
const dropCauses = ["backlog", "database"] as const;
export type MessageDropCause = (typeof dropCauses)[number];

/** What the database has. */
export interface KeptMessages {
  /** Of tables and indexes, with room that is free in them. */
  readonly bytes: () => Promise<number>;
  /** When the oldest request arrived; null: there is none. */
  readonly oldestAtMs: () => Promise<number | null>;
}

export class MessageMetrics {
  readonly #registry: Registry;
  readonly #written: Counter;
  readonly #dropped: Counter<"cause">;
  readonly #deleted: Counter;
  readonly #trims: Histogram;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#written = counter(registry, {
      name: "latchkey_messages_written_total",
      help: "Requests written to the message trail.",
    });
    this.#dropped = counter(registry, {
      name: "latchkey_messages_dropped_total",
      help: "Requests that nodes reported and the message trail does not keep: too many waited, or the database refused them.",
      labels: ["cause"],
      series: dropCauses.map((cause) => ({ cause })),
    });
    this.#deleted = counter(registry, {
      name: "latchkey_messages_deleted_total",
      help: "Requests deleted from the message trail because they were too old or too many.",
    });
    this.#trims = histogram(registry, {
      name: "latchkey_messages_retention_duration_seconds",
      help: "How long the message trail looked for what is too old or too much, and deleted it.",
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120],
    });
  }

  written(requests: number): void {
    this.#written.inc(requests);
  }

  dropped(cause: MessageDropCause, requests: number): void {
    this.#dropped.inc({ cause }, requests);
  }

  trimmed(requests: number, durationMs: number): void {
    this.#deleted.inc(requests);
    this.#trims.observe(durationMs / 1_000);
  }

  /** Read when the metrics are. A database that does not respond leaves the last value. */
  show({ bytes, oldestAtMs }: KeptMessages): void {
    readGauge(
      this.#registry,
      "latchkey_messages_bytes",
      "Bytes of the message trail in its database, free room included.",
      bytes,
    );
    readGauge(
      this.#registry,
      "latchkey_messages_oldest_timestamp_seconds",
      "When the oldest request of the message trail arrived, in seconds since 1970; 0: it is empty.",
      async () => ((await oldestAtMs()) ?? 0) / 1_000,
    );
  }
}

function readGauge(
  registry: Registry,
  name: `latchkey_${string}`,
  help: string,
  read: () => Promise<number>,
): void {
  const shown: Gauge = gauge(registry, {
    name,
    help,
    collect: () =>
      read().then(
        (value) => shown.set(value),
        () => {},
      ),
  });
}
