/** Decides what is sampled, and exports spans. */
import { randomFillSync } from "node:crypto";
import type { OtlpQueue } from "./otlp-queue.js";
import type { OtlpSettings } from "./otlp-target.js";
import { ProtoWriter } from "./proto-writer.js";
import { encodeSpan } from "./span-encoding.js";
import type { FinishedSpan, SpanStart, Tracing } from "./tracing.js";

const TRACE_ID_CHARS = 32;
const SPAN_ID_CHARS = 16;
const POOL_BYTES = 4_096;
/** Of the 56 random bits of a trace id (W3C Trace Context Level 2), the upper ones that a double holds. */
const RANDOM_FROM = 18;
const RANDOM_TO = 31;
const RANDOM_RANGE = 2 ** 52;
const SAMPLED = 1;
/** So far the wall clock may be off before spans follow it. */
const CLOCK_SET_MS = 50;

export class OtlpTracing implements Tracing {
  readonly #queue: OtlpQueue;
  readonly #writer = new ProtoWriter();
  readonly #followsParent: boolean;
  /** Traces whose random bits are below it are not sampled. */
  readonly #threshold: number;
  /** From monotonic milliseconds to those since 1970. */
  #offsetMs: number = performance.timeOrigin;
  #pool = "";
  #poolAt = 0;

  constructor({ sampler, samplerArg }: Pick<OtlpSettings, "sampler" | "samplerArg">, queue: OtlpQueue) {
    this.#followsParent = sampler.startsWith("parentbased_");
    this.#threshold = (1 - shareOf(sampler, samplerArg)) * RANDOM_RANGE;
    this.#queue = queue;
  }

  begin(traceparent: string | null, traceState: string): SpanStart | null {
    const traceId = traceparent === null ? this.#random(TRACE_ID_CHARS) : traceparent.slice(3, 35);
    const isSampled =
      traceparent !== null && this.#followsParent
        ? (Number.parseInt(traceparent.slice(53, 55), 16) & SAMPLED) !== 0
        : Number.parseInt(traceId.slice(RANDOM_FROM, RANDOM_TO), 16) >= this.#threshold;
    if (!isSampled) return null;
    const parentSpanId = traceparent === null ? "" : traceparent.slice(36, 52);
    return {
      traceId,
      spanId: this.newSpanId(),
      parentSpanId,
      isParentRemote: parentSpanId !== "",
      traceState,
    };
  }

  newSpanId(): string {
    return this.#random(SPAN_ID_CHARS);
  }

  end(span: FinishedSpan): void {
    if (this.#queue.admits()) this.#queue.add(encodeSpan(this.#writer, span, this.#wallClockOffsetMs()));
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** The same for all spans, so that those of one request stay in order, until the clock is set. */
  #wallClockOffsetMs(): number {
    const offsetMs = Date.now() - performance.now();
    if (Math.abs(offsetMs - this.#offsetMs) > CLOCK_SET_MS) this.#offsetMs = offsetMs;
    return this.#offsetMs;
  }

  /** An id is valid unless all of it is zeros. */
  #random(chars: number): string {
    if (this.#poolAt + chars > this.#pool.length) {
      this.#pool = randomFillSync(Buffer.allocUnsafe(POOL_BYTES)).toString("hex");
      this.#poolAt = 0;
    }
    const id = this.#pool.slice(this.#poolAt, this.#poolAt + chars);
    this.#poolAt += chars;
    return /[^0]/.test(id) ? id : this.#random(chars);
  }
}

function shareOf(sampler: string, samplerArg: number): number {
  if (sampler.endsWith("traceidratio")) return samplerArg;
  return sampler.endsWith("always_on") ? 1 : 0;
}
