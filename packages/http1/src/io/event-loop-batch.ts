// HOT. The second half of each turn of the event loop: what arrived is looked at, then what was written is sent, each
// for all connections in a row. Runs in the check phase, behind the poll phase that has read every socket; so a closed
// connection is known before anything is sent on it, node's end-of-callback work is paid once for all writes, and
// each step finds its code and tables warm (docs/adr/0102-writes-in-the-check-phase.md).

// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { recycleArrivals } from "./read-arena.js";

export interface TurnReader {
  /** Looks at what arrived for it. */
  onTurn(): void;
}

export interface TurnWriter {
  /** Sends what was gathered. */
  flush(): void;
}

/**
 * Requests looked at in a turn in which a connection was accepted. The event loop accepts one a turn (libuv since 1.45),
 * so a thousand that come together wait for a thousand turns: short ones, or the last waits for seconds.
 */
const READERS_MAX_WHILE_ACCEPTING = 4;

let readers: TurnReader[] = [];
/** Those before it were looked at in earlier turns. */
let readersFrom = 0;
let accepting = false;
let writers: TurnWriter[] = [];
let scheduled = false;
let turns = 0;
/** While the requests of a turn are looked at, when that began; else NaN. */
let readingSinceMs = Number.NaN;
/** Called when everything that was gathered has been sent. */
let onAllSent: () => void = () => {};

export function whenAllSent(callback: () => void): void {
  onAllSent = callback;
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(runTurn);
}

function runTurn(): void {
  scheduled = false;
  const end = readersEnd();
  accepting = false;
  if (readersFrom < end) {
    readingSinceMs = performance.now();
    while (readersFrom < end) readers[readersFrom++]!.onTurn();
    readingSinceMs = Number.NaN;
  }
  if (readersFrom < readers.length) {
    schedule();
  } else if (readersFrom > 0) {
    readers = [];
    readersFrom = 0;
    recycleArrivals();
  }
  const writing = writers;
  writers = [];
  for (let i = 0; i < writing.length; i++) writing[i]!.flush();
  turns++;
  // Callbacks may have begun new writes, which have their bytes in the shared memory until the next turn.
  if (writers.length === 0) onAllSent();
}

/** The number of this turn. It changes behind the turn's writes: with the next number the sockets have been polled again. */
export function turnNumber(): number {
  return turns;
}

/** By `performance.now()`. One for all requests of a turn, which have waited for one another: asking costs 40 ns. */
export function turnTimeMs(): number {
  return Number.isNaN(readingSinceMs) ? performance.now() : readingSinceMs;
}

/** Where this turn's reading stops; those who come meanwhile have the next. */
function readersEnd(): number {
  const { length } = readers;
  return accepting ? Math.min(length, readersFrom + READERS_MAX_WHILE_ACCEPTING) : length;
}

/** A connection was accepted in this turn. */
export function connectionCame(): void {
  accepting = true;
}

export function readLater(reader: TurnReader): void {
  readers.push(reader);
  schedule();
}

export function flushLater(writer: TurnWriter): void {
  writers.push(writer);
  schedule();
}
