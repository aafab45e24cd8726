// The second half of each iteration of the event loop: what arrived is looked at, then what was written is sent, each
// for all connections in a row. Runs in the check phase, behind the poll phase that has read every socket; so a closed
// connection is known before anything is sent on it, node's end-of-callback work is paid once for all writes, and
// each step finds its code and tables warm (docs/adr/0102-writes-in-the-check-phase.md).

// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { readArena } from "./read-arena.js";
import { writeArena } from "./write-arena.js";

export interface BatchReader {
  /** Looks at what arrived for it. */
  onBatch(): void;
}

export interface BatchWriter {
  /** Sends what was gathered. */
  flush(): void;
}

/**
 * Requests looked at in a batch during which a connection was accepted. The event loop accepts one an iteration (libuv
 * since 1.45), so a thousand that come together wait for a thousand iterations: short ones, or the last waits for seconds.
 */
const READERS_MAX_WHILE_ACCEPTING = 4;

class EventLoopBatch {
  /** Of this batch. It changes behind the batch's writes: with the next number the sockets have been polled again. */
  number = 0;
  #readers: BatchReader[] = [];
  /** Those before it were looked at in earlier batches. */
  #readersFrom = 0;
  #accepting = false;
  #writers: BatchWriter[] = [];
  #scheduled = false;
  /** While the requests of a batch are looked at, when that began; else NaN. */
  #readingSinceMs = Number.NaN;
  readonly #onCheck = (): void => this.#run();

  /** By `performance.now()`. One for all requests of a batch, which have waited for one another: asking costs 40 ns. */
  timeMs(): number {
    const since = this.#readingSinceMs;
    return Number.isNaN(since) ? performance.now() : since;
  }

  /** A connection was accepted in this iteration. */
  connectionAccepted(): void {
    this.#accepting = true;
  }

  readLater(reader: BatchReader): void {
    this.#readers.push(reader);
    if (!this.#scheduled) this.#schedule();
  }

  flushLater(writer: BatchWriter): void {
    this.#writers.push(writer);
    if (!this.#scheduled) this.#schedule();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(this.#onCheck);
  }

  #run(): void {
    this.#scheduled = false;
    const end = this.#readersEnd();
    this.#accepting = false;
    if (this.#readersFrom < end) {
      this.#readingSinceMs = performance.now();
      const readers = this.#readers;
      while (this.#readersFrom < end) readers[this.#readersFrom++]!.onBatch();
      this.#readingSinceMs = Number.NaN;
    }
    if (this.#readersFrom < this.#readers.length) {
      if (!this.#scheduled) this.#schedule();
    } else if (this.#readersFrom > 0) {
      this.#readers = [];
      this.#readersFrom = 0;
      readArena.recycle();
    }
    const writers = this.#writers;
    this.#writers = [];
    for (let i = 0; i < writers.length; i++) writers[i]!.flush();
    this.number++;
    // Callbacks may have begun new writes, which have their bytes in the shared memory until the next batch.
    if (this.#writers.length === 0) writeArena.recycle();
  }

  /** Where this batch's reading stops; those who come meanwhile have the next. */
  #readersEnd(): number {
    const { length } = this.#readers;
    return this.#accepting ? Math.min(length, this.#readersFrom + READERS_MAX_WHILE_ACCEPTING) : length;
  }
}

/** The process's. */
export const eventLoopBatch = new EventLoopBatch();
