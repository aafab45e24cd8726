// When a client has taken too long: one deadline for each thing that is waited for, so that a wait is started by an
// assignment. Says what is over; what follows is the connection's.

import { ticker, ticksFor } from "../io/ticker.js";

export interface ServerTicks {
  readonly head: number;
  readonly idle: number;
  readonly bodyIdle: number;
  readonly body: number;
  readonly write: number;
  readonly linger: number;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Once the client has closed its side, a response that is silent for this long is canceled. */
const HALF_CLOSE_GRACE_TICKS = ticksFor(500);

export class ConnectionDeadlines {
  readonly #ticks: ServerTicks;
  /** Bytes of a request body that must come within `bodyIdle`. */
  readonly #bodyBytesPerWindow: number;
  /** For what is read next. */
  #read: number;
  #write = NEVER;
  /** For the whole body. */
  #body = NEVER;
  /** When the body's data rate is looked at next, and how many bytes of it had come the last time. */
  #rate = NEVER;
  #rateBytes = 0;

  constructor(ticks: ServerTicks, bodyBytesPerWindow: number) {
    this.#ticks = ticks;
    this.#bodyBytesPerWindow = bodyBytesPerWindow;
    this.#read = ticker.tick + ticks.head;
  }

  isReadOver(tick: number): boolean {
    return tick >= this.#read;
  }

  /** When `isReadOver` becomes true, if nothing happens. */
  get readTick(): number {
    return this.#read;
  }

  isWriteOver(tick: number): boolean {
    return tick >= this.#write;
  }

  /** Ticks for which a head has been waited for, or, between two requests, its first byte. */
  waitedTicks(tick: number, isBetweenRequests: boolean): number {
    const { head, idle } = this.#ticks;
    return tick - this.#read + (isBetweenRequests ? idle : head);
  }

  startIdle(): void {
    this.#read = ticker.tick + this.#ticks.idle;
  }

  /** The first byte of a head came. That of a connection's first head is timed from the connection's start. */
  startHead(isFirst: boolean): void {
    const deadline = ticker.tick + this.#ticks.head;
    this.#read = isFirst ? Math.min(deadline, this.#read) : deadline;
  }

  startLinger(): void {
    this.#read = ticker.tick + this.#ticks.linger;
  }

  startHalfCloseGrace(): void {
    this.#read = ticker.tick + HALF_CLOSE_GRACE_TICKS;
  }

  stopRead(): void {
    this.#read = NEVER;
  }

  /** Reading is over in so many ticks at the latest. */
  limitRead(ticks: number): void {
    this.#read = Math.min(this.#read, ticker.tick + ticks);
  }

  startBody(bytesRead: number, isPaused: boolean): void {
    this.#body = ticker.tick + this.#ticks.body;
    this.#rate = NEVER;
    if (!isPaused) this.resumeBody(bytesRead);
  }

  /** Bytes of a body came, or are waited for. */
  bodyProgressed(): void {
    this.#read = ticker.tick + this.#ticks.bodyIdle;
  }

  pauseBody(): void {
    this.#read = NEVER;
    this.#rate = NEVER;
  }

  resumeBody(bytesRead: number): void {
    this.bodyProgressed();
    this.#watchRate(bytesRead);
  }

  /** Too few bytes of the body came in the last window, or it takes too long in all. */
  isBodyTooSlow(tick: number, bytesRead: number): boolean {
    if (tick >= this.#body) return true;
    if (tick < this.#rate) return false;
    const came = bytesRead - this.#rateBytes;
    this.#watchRate(bytesRead);
    return came < this.#bodyBytesPerWindow;
  }

  #watchRate(bytesRead: number): void {
    this.#rateBytes = bytesRead;
    this.#rate = ticker.tick + this.#ticks.bodyIdle;
  }

  /** Times a client that does not take what is sent. */
  watchWrites(isStuck: boolean): void {
    if (!isStuck) this.#write = NEVER;
    else if (this.#write === NEVER) this.#write = ticker.tick + this.#ticks.write;
  }
}
