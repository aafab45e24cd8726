/** The access log as log records for an OpenTelemetry collector. Attributes that spans have as well are named as there. */
import type { LogExport } from "@latchkey/observe";
import type { AccessEntry, AccessField } from "./access-entry.js";
import { entryValues } from "./access-line.js";
import type { AccessSink } from "./access-sink.js";

/** Name of each field, in the order of a line. What the record or its resource has already is left out. */
const ATTRIBUTES: readonly (readonly [AccessField, string])[] = [
  ["interchangeId", "latchkey.interchange_id"],
  ["client", "client.address"],
  ["method", "http.request.method"],
  ["path", "url.path"],
  ["query", "latchkey.query.names"],
  ["status", "http.response.status_code"],
  ["code", "error.type"],
  ["api", "latchkey.api.id"],
  ["route", "latchkey.route.id"],
  ["key", "latchkey.key.id"],
  ["integration", "latchkey.integration.id"],
  ["durationMs", "latchkey.duration_ms"],
  ["gatewayMs", "latchkey.gateway.duration_ms"],
  ["requestBytes", "http.request.body.size"],
  ["responseBytes", "http.response.body.size"],
];
const BODY_FIELDS: readonly AccessField[] = ["method", "path", "status"];

export class AccessRecords implements AccessSink {
  readonly #records: LogExport;
  /** Of the chosen fields. */
  readonly #attributes: typeof ATTRIBUTES;

  constructor(records: LogExport, fields: readonly AccessField[]) {
    this.#records = records;
    this.#attributes = ATTRIBUTES.filter(([field]) => fields.includes(field));
  }

  write(entry: AccessEntry): void {
    const attributes: Record<string, string | number> = { "event.name": "latchkey.request" };
    const body: (string | number)[] = [];
    for (const [field, name] of this.#attributes) {
      const value = entryValues[field](entry);
      if (value === "") continue;
      attributes[name] = value;
      if (BODY_FIELDS.includes(field)) body.push(value);
    }
    const { atMs, traceId, spanId } = entry;
    this.#records.add({
      atMs,
      severity: severityOf(entry),
      body: body.join(" "),
      attributes,
      traceId,
      spanId,
    });
  }

  reopen(): void {}

  /** Records are sent when the export is closed. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A response that broke off has a status of success, and a code. */
function severityOf({ status, code }: AccessEntry): "info" | "warn" | "error" {
  if (status >= 500 || (code !== "" && status < 400)) return "error";
  return status >= 400 ? "warn" : "info";
}
