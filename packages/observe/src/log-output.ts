/**
 * Writes log lines to one of the process's own streams without ever blocking or ending the process. A pipe that nobody
 * reads and a full disk keep up to `QUEUE_BYTES_MAX` waiting; lines beyond that are lost and counted.
 */
import { fstatSync, readlinkSync, writeSync } from "node:fs";
import { terminalLine } from "./terminal-line.js";
import { writeRetryMs } from "./write-retry.js";

/** Lines that wait for a slow reader or for space on the disk. */
const QUEUE_BYTES_MAX = 1024 * 1024;

/** Writes some bytes and returns how many; throws the system's error. */
export type WriteBytes = (bytes: Uint8Array, offset: number) => number;

export class LogOutput {
  readonly #writeBytes: WriteBytes;
  readonly #format: (line: string) => string;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Bytes of the first queued line that are written. */
  #offset = 0;
  #retry: NodeJS.Timeout | null = null;
  #lostLines = 0;
  #reportedLines = 0;
  /** Gets each line, too, also those that are lost here. */
  copyTo: { write(line: string): void } | null = null;

  constructor(writeBytes: WriteBytes, format = (line: string) => line) {
    this.#writeBytes = writeBytes;
    this.#format = format;
  }

  /** Lines lost since the start. */
  get lostLines(): number {
    return this.#lostLines;
  }

  write(line: string): void {
    this.copyTo?.write(line);
    const bytes = Buffer.from(this.#format(line));
    if (this.#queuedBytes + bytes.length > QUEUE_BYTES_MAX) {
      this.#lostLines++;
      return;
    }
    this.#enqueue(bytes);
    if (this.#retry === null) this.#drain();
  }

  /** Writes what can be written at once: for the end of the process. */
  flushSync(): void {
    if (this.#queue.length > 0) this.#drain();
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #drain(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    try {
      for (let line = this.#queue[0]; line !== undefined; line = this.#queue[0]) {
        this.#offset += this.#writeBytes(line, this.#offset);
        if (this.#offset < line.length) continue;
        this.#queue.shift();
        this.#queuedBytes -= line.length;
        this.#offset = 0;
        if (this.#queue.length === 0 && this.#lostLines > this.#reportedLines) this.#reportLost();
      }
    } catch (cause) {
      this.#onFailure((cause as NodeJS.ErrnoException).code);
    }
  }

  #onFailure(code: string | undefined): void {
    const retryMs = writeRetryMs(code);
    if (retryMs === null) {
      this.#lostLines += this.#queue.length;
      this.#queue.length = 0;
      this.#queuedBytes = 0;
      this.#offset = 0;
      return;
    }
    this.#retry = setTimeout(() => this.#drain(), retryMs);
    this.#retry.unref();
  }

  #reportLost(): void {
    const lines = this.#lostLines - this.#reportedLines;
    this.#reportedLines = this.#lostLines;
    const time = new Date().toISOString();
    const record = { level: "warn", time, pid: process.pid, lines, msg: "log lines were lost" };
    this.#enqueue(Buffer.from(this.#format(`${JSON.stringify(record)}\n`)));
  }
}

const STANDARD_ERROR = 2;

let standardErrorOutput: LogOutput | null = null;

/** The process's standard error: one for all loggers of the process. */
export function standardError(): LogOutput {
  standardErrorOutput ??= openStandardError();
  return standardErrorOutput;
}

function openStandardError(): LogOutput {
  // Node.js opens a pipe or socket without blocking when the stream is first used; a full one then fails with EAGAIN.
  process.stderr.on("error", () => undefined);
  const writeBytes: WriteBytes = (bytes, offset) => writeSync(STANDARD_ERROR, bytes, offset);
  const hasColors = process.stderr.isTTY && process.stderr.hasColors();
  const output = process.stderr.isTTY
    ? new LogOutput(writeBytes, (line) => terminalLine(line, hasColors))
    : new LogOutput(writeBytes);
  process.on("exit", () => output.flushSync());
  return output;
}

/** The file that standard error goes to; null for a pipe, a socket or a terminal. */
export function logFile(): string | null {
  try {
    return fstatSync(STANDARD_ERROR).isFile() ? readlinkSync(`/proc/self/fd/${STANDARD_ERROR}`) : null;
  } catch {
    return null; // no such folder, or the file has no name any more
  }
}
