// Whether an origin keeps its connections open, as far as is seen. Some (uWSGI, PHP-FPM) close each one after its response without
// announcing it: a request that must not be sent twice gets a new connection there.

/** A connection that is still open so long after its response shows that the origin keeps its connections open. */
const KEPT_MS = 20;
/** The same, of an origin that was seen to close them. */
const KEPT_AGAIN_MS = 1_000;
/** One that is closed within so many ticks of a response shows that the origin does not keep them. */
const EARLY_CLOSE_TICKS = 1;

interface Connection {
  readonly closed: boolean;
}

export class KeepAliveWatch {
  #isKeeping = false;
  #closesEarly = false;
  /** Until it is known whether a connection was kept open. */
  #timer: NodeJS.Timeout | null = null;

  get isKeeping(): boolean {
    return this.#isKeeping;
  }

  /** Known, and not only unknown. */
  get closesEarly(): boolean {
    return this.#closesEarly;
  }

  /** A connection has just served a request: whether it stays open shows what the origin does. */
  served(connection: Connection): void {
    if (this.#isKeeping || this.#timer !== null) return;
    this.#timer = setTimeout(
      // Behind the poll phase: this thread may have been busy, with the FIN unread.
      () => setImmediate(() => this.#judge(connection)),
      this.#closesEarly ? KEPT_AGAIN_MS : KEPT_MS,
    ).unref();
  }

  #judge(connection: Connection): void {
    this.#timer = null;
    if (connection.closed) return;
    this.#isKeeping = true;
    this.#closesEarly = false;
  }

  /** The origin closed a connection so many ticks after its last response. */
  closedAfter(ticks: number): void {
    if (ticks > EARLY_CLOSE_TICKS) return;
    this.#isKeeping = false;
    this.#closesEarly = true;
  }
}
