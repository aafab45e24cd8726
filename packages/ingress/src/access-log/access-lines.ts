/**
 * The access log as lines of a file or of standard output. Lines are collected and written in pieces in the background: what finds
 * no room is lost, counted, and reported in the node's own log. Rotation is the platform's: the file is opened again by `reopen`.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { SettingFileError } from "@latchkey/config";
import { PRIVATE_FILE_MODE } from "@latchkey/observe";
import type { AccessEntry } from "./access-entry.js";
import { type AccessLine, combinedLine, jsonLine } from "./access-line.js";
import type { AccessLogParts, AccessSink } from "./access-sink.js";
import { BackgroundOutput } from "./background-output.js";

/** Lines wait this long to be written together. */
const FLUSH_MS = 100;
/** One write. To a pipe, that many bytes stay whole also when several workers write (PIPE_BUF). */
const FILE_PIECE_BYTES = 65_536;
const PIPE_PIECE_BYTES = 4_096;
const STANDARD_OUTPUT = 1;
const WARN_EVERY_MS = 60_000;

export class AccessLines implements AccessSink {
  readonly #parts: AccessLogParts;
  readonly #line: AccessLine;
  readonly #output: BackgroundOutput;
  #pieceBytes: number;
  #piece = "";
  #pieceLength = 0;
  #pieceLines = 0;
  #lines = 0;
  #warnedLost = 0;
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  readonly #timer: NodeJS.Timeout;

  /** @throws SettingFileError */
  constructor(parts: AccessLogParts) {
    this.#parts = parts;
    const { to, format, fields } = parts.settings;
    this.#line = format === "combined" ? combinedLine : jsonLine(fields, parts.nodeId);
    const fd = open(to);
    this.#pieceBytes = pieceBytesFor(fd);
    this.#output = new BackgroundOutput(fd);
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  write(entry: AccessEntry): void {
    const line = this.#line(entry);
    const length = Buffer.byteLength(line);
    if (this.#pieceLength + length > this.#pieceBytes) this.#writePiece();
    this.#piece += line;
    this.#pieceLength += length;
    this.#pieceLines++;
    this.#lines++;
  }

  #flush(): void {
    this.#writePiece();
    const { counts, clock, log, settings } = this.#parts;
    counts.lost = this.#output.lostLines;
    counts.written = this.#lines - counts.lost;
    const lines = counts.lost - this.#warnedLost;
    const nowMs = clock.monotonicMs();
    if (lines === 0 || nowMs - this.#warnedAtMs < WARN_EVERY_MS) return;
    this.#warnedLost = counts.lost;
    this.#warnedAtMs = nowMs;
    log.warn({ lines, to: settings.to }, "lines of the access log were lost");
  }

  /** After the file was renamed: goes on in a new one of its name. */
  reopen(): void {
    const { to } = this.#parts.settings;
    if (to === "stdout") return;
    try {
      const fd = open(to);
      this.#pieceBytes = pieceBytesFor(fd);
      this.#output.switchTo(fd);
    } catch (cause) {
      this.#parts.log.error({ err: cause }, "the access log cannot be opened again; the old file goes on");
    }
  }

  /** Writes what can be written at once. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#writePiece();
    const fd = await this.#output.end();
    this.#flush();
    if (this.#parts.settings.to !== "stdout") closeSync(fd);
  }

  #writePiece(): void {
    if (this.#pieceLines === 0) return;
    this.#output.write(this.#piece, this.#pieceLines);
    this.#piece = "";
    this.#pieceLength = 0;
    this.#pieceLines = 0;
  }
}

/** Standard output and a file by name may each be either. */
function pieceBytesFor(fd: number): number {
  return fstatSync(fd).isFile() ? FILE_PIECE_BYTES : PIPE_PIECE_BYTES;
}

/** Fails at the start where the log could not be written later. @throws SettingFileError */
export function checkAccessLogFile(to: string): void {
  if (to.startsWith("/")) closeSync(open(to));
}

/** @throws SettingFileError */
function open(to: string): number {
  if (to === "stdout") {
    // Node.js opens a pipe or socket without blocking when the stream is first used; a full one then fails with EAGAIN.
    process.stdout.on("error", () => undefined);
    return STANDARD_OUTPUT;
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  try {
    return openSync(to, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, PRIVATE_FILE_MODE);
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new SettingFileError({ setting: "accessLog.to", path: to }, `cannot be written (${code})`, cause);
  }
}
