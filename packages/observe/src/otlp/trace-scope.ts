/** Which span is under way in a chain of asynchronous calls, so that what they do becomes spans below it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { isTraceparent } from "./traceparent.js";
import type { SpanAttributes, SpanKind, SpanStart, Tracing } from "./tracing.js";

/** A span under way. Name and attributes are taken when it is over. */
export interface OpenSpan {
  readonly start: SpanStart;
  name: string;
  attributes: SpanAttributes;
  isError: boolean;
}

/** A span that is over, below another one. */
export interface ChildSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAtMs: number;
  readonly attributes: SpanAttributes;
  readonly isError: boolean;
}

export class TraceScope {
  readonly #tracing: Tracing;
  readonly #current = new AsyncLocalStorage<OpenSpan>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Null: nothing is traced here. */
  get current(): OpenSpan | null {
    return this.#current.getStore() ?? null;
  }

  /** Does the work of a request that came in, in a span of its own if it is sampled. */
  serve<T>(
    span: Pick<OpenSpan, "name" | "attributes">,
    incoming: { readonly traceparent: string | undefined; readonly traceState: string | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const { traceparent = "", traceState = "" } = incoming;
    const start = isTraceparent(traceparent)
      ? this.#tracing.begin(traceparent, traceState)
      : this.#tracing.begin(null, "");
    return start === null ? work() : this.#run({ ...span, start, isError: false }, "server", work);
  }

  /** Does work in a span below the current one, if there is one. */
  child<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { current } = this;
    if (current === null) return work();
    const start = this.#below(current.start);
    return this.#run({ start, name, attributes: {}, isError: false }, "internal", work);
  }

  /** A span below another one that ends now. */
  record(parent: SpanStart, span: ChildSpan): void {
    this.#tracing.end({ ...this.#below(parent), ...span, endedAtMs: performance.now() });
  }

  async #run<T>(span: OpenSpan, kind: SpanKind, work: () => Promise<T>): Promise<T> {
    const startedAtMs = performance.now();
    try {
      return await this.#current.run(span, work);
    } catch (error) {
      span.isError = true;
      throw error;
    } finally {
      const { start, name, attributes, isError } = span;
      this.#tracing.end({
        ...start,
        name,
        kind,
        startedAtMs,
        endedAtMs: performance.now(),
        attributes,
        isError,
      });
    }
  }

  #below(parent: SpanStart): SpanStart {
    const spanId = this.#tracing.newSpanId();
    return { ...parent, spanId, parentSpanId: parent.spanId, isParentRemote: false };
  }
}
