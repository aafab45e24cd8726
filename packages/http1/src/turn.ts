// HOT. The second half of each turn of the event loop: what arrived is looked at, then what was written is sent, each
// for all connections in a row. Runs in the check phase, behind the poll phase that has read every socket; so a closed
// connection is known before anything is sent on it, node's end-of-callback work is paid once for all writes, and
// each step finds its code and tables warm (docs/adr/0102-writes-in-the-check-phase.md).

import { recycleArrivals } from "./arrivals.js";

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
  while (readersFrom < end) readers[readersFrom++]!.onTurn();
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
  // Callbacks may have begun new writes, which have their bytes in the shared memory until the next turn.
  if (writers.length === 0) onAllSent();
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
