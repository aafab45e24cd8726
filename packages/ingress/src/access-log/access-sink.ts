/** Where entries of the access log go, and by which settings. */
import type { Clock } from "@latchkey/core";
import type { LogExport, Logger } from "@latchkey/observe";
import type { AccessEntry, AccessField, AccessFormat } from "./access-entry.js";

export interface AccessLogSettings {
  /** `stdout`, `otlp`, or the path of a file. */
  readonly to: string;
  readonly format: AccessFormat;
  readonly fields: readonly AccessField[];
  /** Of the requests that are no errors, 0 to 1. */
  readonly successShare: number;
}

export interface AccessLogParts {
  readonly settings: AccessLogSettings;
  readonly nodeId: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of lines; kept up to date. */
  readonly counts: { written: number; lost: number };
  /** For `otlp`. */
  readonly records: LogExport | null;
}

/** Where entries go. No request waits for it. */
export interface AccessSink {
  write(entry: AccessEntry): void;
  /** After a file was renamed: goes on in a new one of its name. */
  reopen(): void;
  /** Writes what can be written at once. */
  close(): Promise<void>;
}
