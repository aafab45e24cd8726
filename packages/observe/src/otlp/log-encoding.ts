/** A log record as `log_records` of ScopeLogs (logs.proto). */
import { type Attributes, ITEM, writeAttributes } from "./otlp-encoding.js";
import { DELIMITED, FIXED32, FIXED64, type ProtoWriter, tag, VARINT } from "./proto-writer.js";
import { writeTime } from "./span-encoding.js";

export type Severity = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly severity: Severity;
  readonly body: string;
  readonly attributes: Attributes;
  /** Hexadecimal; empty: there is none. */
  readonly traceId: string;
  readonly spanId: string;
}

const TIME = tag(1, FIXED64);
const SEVERITY_NUMBER = tag(2, VARINT);
const SEVERITY_TEXT = tag(3, DELIMITED);
const BODY = tag(5, DELIMITED);
const STRING_VALUE = tag(1, DELIMITED);
const ATTRIBUTES = tag(6, DELIMITED);
const FLAGS = tag(8, FIXED32);
const TRACE_ID = tag(9, DELIMITED);
const SPAN_ID = tag(10, DELIMITED);
const OBSERVED_TIME = tag(11, FIXED64);
const SAMPLED = 1;
/** The lowest number of each range. */
export const SEVERITIES: Readonly<Record<Severity, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

export function encodeLogRecord(writer: ProtoWriter, record: LogRecord): Buffer {
  const item = writer.begin(ITEM);
  writeTime(writer, TIME, record.atMs);
  writer.varint(SEVERITY_NUMBER, SEVERITIES[record.severity]);
  writer.string(SEVERITY_TEXT, record.severity.toUpperCase());
  const body = writer.begin(BODY);
  writer.string(STRING_VALUE, record.body);
  writer.end(body);
  writeAttributes(writer, ATTRIBUTES, record.attributes);
  if (record.traceId !== "") {
    writer.fixed32(FLAGS, SAMPLED);
    writer.hex(TRACE_ID, record.traceId);
    writer.hex(SPAN_ID, record.spanId);
  }
  writeTime(writer, OBSERVED_TIME, Date.now());
  writer.end(item);
  return writer.take();
}
