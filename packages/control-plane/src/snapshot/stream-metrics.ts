/** Counters of the stream. Labels are catalogue words; never a node's name. */
import { counter, gauge, type Registry } from "@latchkey/observe";
import { type NackKind, nackKinds, type SessionEnd, sessionEnds } from "./node-observer.js";

const refusals = ["token", "admission", "malformed", "false-claim"] as const;
export type Refusal = (typeof refusals)[number];

export class StreamMetrics {
  readonly #open;
  readonly #ended;
  readonly #refused;
  readonly #snapshots;
  readonly #deltas;
  readonly #bytes;
  readonly #nacks;
  readonly #drifts;

  constructor(registry: Registry) {
    this.#open = gauge(registry, {
      name: "latchkey_snapshot_streams",
      help: "Open streams of ingress nodes.",
    });
    this.#ended = counter(registry, {
      name: "latchkey_snapshot_streams_ended_total",
      help: "Streams that ended, by cause.",
      labels: ["cause"],
      series: sessionEnds.map((cause) => ({ cause })),
    });
    this.#refused = counter(registry, {
      name: "latchkey_snapshot_streams_refused_total",
      help: "Streams that were not let in, by cause.",
      labels: ["cause"],
      series: refusals.map((cause) => ({ cause })),
    });
    this.#snapshots = counter(registry, {
      name: "latchkey_snapshots_sent_total",
      help: "Full snapshots sent.",
    });
    this.#deltas = counter(registry, { name: "latchkey_deltas_sent_total", help: "Deltas sent." });
    this.#bytes = counter(registry, {
      name: "latchkey_snapshot_bytes_sent_total",
      help: "Bytes of snapshots and deltas sent.",
    });
    this.#nacks = counter(registry, {
      name: "latchkey_snapshot_nacks_total",
      help: "Revisions that nodes refused, by reason.",
      labels: ["reason"],
      series: nackKinds.map((reason) => ({ reason })),
    });
    this.#drifts = counter(registry, {
      name: "latchkey_snapshot_drifts_total",
      help: "ACKs whose digest was not the control plane's.",
    });
  }

  opened(): void {
    this.#open.inc();
  }

  ended(cause: SessionEnd): void {
    this.#open.dec();
    this.#ended.inc({ cause });
  }

  refused(cause: Refusal): void {
    this.#refused.inc({ cause });
  }

  sentSnapshot(bytes: number): void {
    this.#snapshots.inc();
    this.#bytes.inc(bytes);
  }

  sentDelta(bytes: number): void {
    this.#deltas.inc();
    this.#bytes.inc(bytes);
  }

  nacked(reason: NackKind): void {
    this.#nacks.inc({ reason });
  }

  drifted(): void {
    this.#drifts.inc();
  }
}
