/** A span as `spans` of ScopeSpans (trace.proto). */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { DELIMITED, FIXED32, FIXED64, ITEM, VARINT, writeAttributes } from "./otlp-encoding.js";
import type { FinishedSpan } from "./tracing.js";

const TRACE_ID = (1 << 3) | DELIMITED;
const SPAN_ID = (2 << 3) | DELIMITED;
const TRACE_STATE = (3 << 3) | DELIMITED;
const PARENT_SPAN_ID = (4 << 3) | DELIMITED;
const NAME = (5 << 3) | DELIMITED;
const KIND = (6 << 3) | VARINT;
const START = (7 << 3) | FIXED64;
const END = (8 << 3) | FIXED64;
const ATTRIBUTES = (9 << 3) | DELIMITED;
const STATUS = (15 << 3) | DELIMITED;
const STATUS_CODE = (3 << 3) | VARINT;
const FLAGS = (16 << 3) | FIXED32;

const KINDS = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
const SAMPLED = 0x01;
/** It is known whether the parent is of another process, and it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** @param offsetMs from monotonic milliseconds to those since 1970 */
export function encodeSpan(span: FinishedSpan, offsetMs: number): Uint8Array {
  const { traceId, spanId, parentSpanId, traceState, isParentRemote } = span;
  const writer = new BinaryWriter().uint32(ITEM).fork();
  writer.uint32(TRACE_ID).bytes(Buffer.from(traceId, "hex"));
  writer.uint32(SPAN_ID).bytes(Buffer.from(spanId, "hex"));
  if (traceState !== "") writer.uint32(TRACE_STATE).string(traceState);
  if (parentSpanId !== "") writer.uint32(PARENT_SPAN_ID).bytes(Buffer.from(parentSpanId, "hex"));
  writer.uint32(NAME).string(span.name.toWellFormed()).uint32(KIND).int32(KINDS[span.kind]);
  writer.uint32(START).fixed64(unixNanoseconds(offsetMs + span.startedAtMs));
  writer.uint32(END).fixed64(unixNanoseconds(offsetMs + span.endedAtMs));
  writeAttributes(writer, ATTRIBUTES, span.attributes);
  if (span.isError) writer.uint32(STATUS).fork().uint32(STATUS_CODE).int32(STATUS_ERROR).join();
  writer.uint32(FLAGS).fixed32(SAMPLED | HAS_IS_REMOTE | (isParentRemote ? IS_REMOTE : 0));
  return writer.join().finish();
}

/** Whole microseconds: a double has no more of them today. */
function unixNanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1_000)) * 1_000n;
}
