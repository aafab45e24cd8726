/**
 * Writes pieces of text to a file, a pipe or a terminal, one at a time and in Node's thread pool: a disk that stands still holds
 * one of its threads, and no request. What waits is bounded; what finds no room is lost and counted.
 */
import { closeSync, write, writeSync } from "node:fs";
import { writeRetryMs } from "@latchkey/observe";

/** What waits for a slow reader or for space on the disk. */
const QUEUE_BYTES_MAX = 1024 * 1024;

interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
}

export class BackgroundOutput {
  /** Since the start. */
  lostLines = 0;
  #fd: number;
  /** Takes the descriptor's place once no piece is half written. */
  #nextFd: number | null = null;
  readonly #queue: Piece[] = [];
  #queuedBytes = 0;
  /** Bytes of the first piece that are written. */
  #offset = 0;
  #isWriting = false;
  #retry: NodeJS.Timeout | null = null;
  #onIdle: (() => void) | null = null;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @param lines in the text: they are written together, or lost together */
  write(text: string, lines: number): void {
    const bytes = Buffer.from(text);
    if (this.#queuedBytes + bytes.length > QUEUE_BYTES_MAX) {
      this.lostLines += lines;
      return;
    }
    this.#queue.push({ bytes, lines });
    this.#queuedBytes += bytes.length;
    if (this.#retry === null) this.#writeNext();
  }

  /** Goes on with another descriptor, and closes the one before. */
  switchTo(fd: number): void {
    if (this.#nextFd !== null) closeSync(this.#nextFd);
    this.#nextFd = fd;
    this.#takeNextFd();
  }

  /** Writes what there is room for now; the rest is lost. Does not close the descriptor. Nothing may be written afterwards. */
  async end(): Promise<number> {
    if (this.#isWriting)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#takeNextFd();
    try {
      for (let piece = this.#queue[0]; piece !== undefined; piece = this.#queue[0]) {
        const { bytes } = piece;
        while (this.#offset < bytes.length) this.#offset += writeSync(this.#fd, bytes, this.#offset);
        this.#dropFirst();
      }
    } catch {
      this.#loseAll();
    }
    return this.#fd;
  }

  #writeNext(): void {
    this.#retry = null;
    if (this.#isWriting) return;
    this.#takeNextFd();
    const piece = this.#queue[0];
    if (piece === undefined) return;
    const { bytes } = piece;
    this.#isWriting = true;
    write(this.#fd, bytes, this.#offset, bytes.length - this.#offset, null, (error, written) => {
      this.#isWriting = false;
      if (error === null) this.#onWritten(bytes, written);
      if (this.#onIdle !== null) this.#onIdle();
      else if (error === null) this.#writeNext();
      else this.#onFailure(error.code);
    });
  }

  #onWritten(bytes: Buffer, written: number): void {
    this.#offset += written;
    if (this.#offset === bytes.length) this.#dropFirst();
  }

  #onFailure(code: string | undefined): void {
    const retryMs = writeRetryMs(code);
    if (retryMs === null) {
      this.#loseAll();
      return;
    }
    this.#retry = setTimeout(() => this.#writeNext(), retryMs);
    this.#retry.unref();
  }

  #takeNextFd(): void {
    if (this.#nextFd === null || this.#isWriting || this.#offset > 0) return;
    closeSync(this.#fd);
    this.#fd = this.#nextFd;
    this.#nextFd = null;
  }

  #dropFirst(): void {
    const piece = this.#queue.shift();
    this.#queuedBytes -= piece?.bytes.length ?? 0;
    this.#offset = 0;
  }

  #loseAll(): void {
    for (const { lines } of this.#queue) this.lostLines += lines;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#offset = 0;
  }
}
