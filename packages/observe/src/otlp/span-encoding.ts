/** A span as `spans` of ScopeSpans (trace.proto). */
import { ITEM, writeAttributes } from "./otlp-encoding.js";
import { DELIMITED, FIXED32, FIXED64, type ProtoWriter, tag, VARINT } from "./proto-writer.js";
import type { FinishedSpan } from "./tracing.js";

const TRACE_ID = tag(1, DELIMITED);
const SPAN_ID = tag(2, DELIMITED);
const TRACE_STATE = tag(3, DELIMITED);
const PARENT_SPAN_ID = tag(4, DELIMITED);
const NAME = tag(5, DELIMITED);
const KIND = tag(6, VARINT);
const START = tag(7, FIXED64);
const END = tag(8, FIXED64);
const ATTRIBUTES = tag(9, DELIMITED);
const STATUS = tag(15, DELIMITED);
const STATUS_CODE = tag(3, VARINT);
const FLAGS = tag(16, FIXED32);

const KINDS = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
const SAMPLED = 0x01;
/** It is known whether the parent is of another process, and it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const US_PER_MS = 1_000;
const NS_PER_US = 1_000;

/** @param offsetMs from monotonic milliseconds to those since 1970 */
export function encodeSpan(writer: ProtoWriter, span: FinishedSpan, offsetMs: number): Buffer {
  const { parentSpanId, traceState } = span;
  const item = writer.begin(ITEM);
  writer.hex(TRACE_ID, span.traceId);
  writer.hex(SPAN_ID, span.spanId);
  if (traceState !== "") writer.string(TRACE_STATE, traceState);
  if (parentSpanId !== "") writer.hex(PARENT_SPAN_ID, parentSpanId);
  writer.string(NAME, span.name);
  writer.varint(KIND, KINDS[span.kind]);
  writeTime(writer, START, offsetMs + span.startedAtMs);
  writeTime(writer, END, offsetMs + span.endedAtMs);
  writeAttributes(writer, ATTRIBUTES, span.attributes);
  if (span.isError) {
    const status = writer.begin(STATUS);
    writer.varint(STATUS_CODE, STATUS_ERROR);
    writer.end(status);
  }
  writer.fixed32(FLAGS, SAMPLED | HAS_IS_REMOTE | (span.isParentRemote ? IS_REMOTE : 0));
  writer.end(item);
  return writer.take();
}

/** Nanoseconds since 1970, in whole microseconds: a double has no more of them today. */
export function writeTime(writer: ProtoWriter, field: number, ms: number): void {
  writer.fixed64(field, Math.round(ms * US_PER_MS), NS_PER_US);
}
