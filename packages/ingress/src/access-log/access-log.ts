/** The access log: an entry for each request, or for errors and a share of the rest. */
import type { AccessEntry, AccessField } from "./access-entry.js";
import { AccessLines } from "./access-lines.js";
import { AccessRecords } from "./access-records.js";
import type { AccessLogParts, AccessLogSettings, AccessSink } from "./access-sink.js";

export class AccessLog {
  readonly #settings: AccessLogSettings;
  readonly #sink: AccessSink;
  /** Of the share: an entry is written each time that it reaches 1. */
  #share = 0;
  #isClosed = false;

  /** @throws SettingFileError */
  constructor(parts: AccessLogParts) {
    const { settings, records } = parts;
    this.#settings = settings;
    this.#sink =
      settings.to === "otlp" && records !== null
        ? new AccessRecords(records, settings.fields)
        : new AccessLines(parts);
  }

  /** Whether entries have the field. */
  shows(field: AccessField): boolean {
    const { to, format, fields } = this.#settings;
    return (to !== "otlp" && format === "combined") || fields.includes(field);
  }

  /** Whether a request would be written; asked once for each, before its entry is made. */
  wants(isError: boolean): boolean {
    if (this.#isClosed) return false;
    if (isError) return true;
    this.#share += this.#settings.successShare;
    if (this.#share < 1) return false;
    this.#share -= 1;
    return true;
  }

  write(entry: AccessEntry): void {
    this.#sink.write(entry);
  }

  reopen(): void {
    this.#sink.reopen();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#sink.close();
  }
}
