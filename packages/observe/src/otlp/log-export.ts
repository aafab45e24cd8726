/** Sends log records to the collector: lines of the process's log and of the access log. */
import { encodeLogRecord, type LogRecord, SEVERITIES, type Severity } from "./log-encoding.js";
import type { Attributes } from "./otlp-encoding.js";
import type { OtlpQueue } from "./otlp-queue.js";
import { ProtoWriter } from "./proto-writer.js";

/** Of one attribute of a line. */
const CHARS_MAX = 8_192;
/** Fields of every line that the record or its resource has. */
const KNOWN: ReadonlySet<string> = new Set(["level", "time", "msg", "name", "pid", "hostname"]);

/** A span under way. */
interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

export class LogExport {
  readonly #queue: OtlpQueue;
  readonly #writer = new ProtoWriter();
  /** The span in which a line is written; null: none, or it is not known. */
  spanNow: () => SpanIds | null = () => null;

  constructor(queue: OtlpQueue) {
    this.#queue = queue;
  }

  /** A line of the log: JSON, redacted by the logger. */
  write(line: string): void {
    const fields = parse(line);
    if (fields === null) return;
    const { level, time, msg } = fields;
    const { traceId = "", spanId = "" } = this.spanNow() ?? {};
    this.add({
      atMs: Date.parse(String(time)) || Date.now(),
      severity: String(level) in SEVERITIES ? (level as Severity) : "info",
      body: String(msg ?? "").slice(0, CHARS_MAX),
      attributes: attributesOf(fields),
      traceId,
      spanId,
    });
  }

  add(record: LogRecord): void {
    if (this.#queue.admits()) this.#queue.add(encodeLogRecord(this.#writer, record));
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

/** Null: no line of a logger, such as one of Node.js itself. */
function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Errors by OpenTelemetry's conventions for exceptions; other objects as JSON. */
function attributesOf(fields: Readonly<Record<string, unknown>>): Attributes {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (KNOWN.has(name) || value === null) continue;
    if (name === "err" && typeof value === "object") {
      const { type, message, stack, ...more } = value as Record<string, unknown>;
      attributes["exception.type"] = String(type);
      attributes["exception.message"] = String(message).slice(0, CHARS_MAX);
      attributes["exception.stacktrace"] = String(stack).slice(0, CHARS_MAX);
      if (Object.keys(more).length > 0) attributes.err = JSON.stringify(more).slice(0, CHARS_MAX);
    } else if (typeof value === "number" || typeof value === "boolean") attributes[name] = value;
    else attributes[name] = (typeof value === "string" ? value : JSON.stringify(value)).slice(0, CHARS_MAX);
  }
  return attributes;
}
