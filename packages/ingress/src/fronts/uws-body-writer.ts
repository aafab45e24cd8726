/**
 * A response's body on uWebSockets.js that is sent in pieces, or before the end of its connection. Holds what the
 * socket does not take, so that the library buffers one cork at most. Knows nothing of requests.
 *
 * Three properties of the library decide how it writes (test/fault/transfers.e2e.ts fails without them):
 * - A chunk that does not fit in the cork buffer is lost when that buffer cannot be flushed. So a cork never gets more
 *   than fits.
 * - Over TLS a write that was cut must be repeated with the same bytes. So pieces go through the cork buffer there, whose
 *   rest the library keeps, and the next piece waits until that rest is sent.
 * - A response that has ended lets the parser read the next request. So a response that ends its connection is never
 *   ended: the library waits for more of it until the connection is closed.
 */
import type { UwsResponse } from "./uws-types.js";

/** What fits in the cork buffer (16 KiB) besides the lines that the library adds itself. */
export const CORK_BYTES_MAX = 15 * 1024;
/** From here on the socket may be full, and the last byte of a piece is kept to ask it with. */
const FULL_FROM_BYTES = 65_536;
const NO_BYTES = new Uint8Array(0);
const nothing = (): void => undefined;

/** `writeHeader` puts `: ` between these and a line end behind them: the last chunk and a trailer field. */
const LAST_CHUNK = "\r\n0\r\nLatchkey-End";
const LAST_CHUNK_END = "1\r\n";

export interface BodyWriterOwner {
  /** Everything was handed over. With `closes` the response is still open, and the connection must be closed. */
  bodySent(): void;
  /** `write` returned false before; it may be called again. */
  bodyWritable(): void;
  /** The socket takes no more for now. */
  bodyBlocked(): void;
  /** The library has corked the socket for a callback of its own, and flushes it afterwards. */
  readonly isInsideLibrary: boolean;
  /** Nothing may be read while the library has bytes left, so each piece is followed by the question whether it has. */
  readonly isReadingDangerous: boolean;
  /** Calls `flush` when the library's callback is over. */
  flushLater(): void;
}

export interface BodyWriterOptions {
  /** The status line without its version, and the header lines without framing. */
  readonly head: Uint8Array;
  /** Bytes of body; -1: not known, so chunked. 0 only with `closes`. */
  readonly contentLength: number;
  /** The connection is closed after the response. */
  readonly closes: boolean;
  readonly isTls: boolean;
}

/** Deferred: what was written waits for `flush`. Blocked: the socket did not take everything, the rest waits for `onWritable`. */
type WriterState = "flowing" | "deferred" | "blocked" | "finished";

export class UwsBodyWriter {
  readonly #owner: BodyWriterOwner;
  readonly #res: UwsResponse;
  readonly #options: BodyWriterOptions;
  readonly #length: number;
  /** What the library is told as the length: one byte more keeps the response open. */
  readonly #total: number;
  readonly #pieceMax: number;
  #queue: Uint8Array[] = [];
  #sent = 0;
  #state: WriterState = "flowing";
  /** Chunked: the library had bytes in its buffer at the last write. */
  #isClogged = false;
  #isEnding = false;
  /** `write` returned false, and `bodyWritable` is due. */
  #isAwaited = false;
  /** What the corked callbacks take. */
  #piece: Uint8Array = NO_BYTES;
  #isTaken = false;
  #isComplete = false;
  readonly #putChunk = (): void => {
    this.#isClogged = !this.#res.write(this.#piece);
  };
  readonly #putPiece = (): void => {
    [this.#isTaken, this.#isComplete] = this.#res.tryEnd(this.#piece, this.#total);
  };

  constructor(owner: BodyWriterOwner, res: UwsResponse, options: BodyWriterOptions) {
    this.#owner = owner;
    this.#res = res;
    this.#options = options;
    this.#length = options.contentLength;
    this.#total = options.closes ? this.#length + 1 : this.#length;
    this.#pieceMax = options.isTls ? CORK_BYTES_MAX : Number.POSITIVE_INFINITY;
  }

  /** The client does not take what was sent. */
  get isBlocked(): boolean {
    return this.#state === "blocked" || this.#state === "deferred";
  }

  /** Grows whenever the socket takes something. */
  get progress(): number {
    return this.#sent;
  }

  /** Sends the head, and a first piece with it. */
  start(first: Uint8Array): void {
    const { head } = this.#options;
    if (head.length + first.length <= CORK_BYTES_MAX) {
      this.#res.cork(() => {
        this.#putHead();
        this.#putFirst(first);
      });
      if (this.#isClogged) this.#block();
      else this.#checkEnd();
      return;
    }
    this.#res.cork(() => this.#putHead());
    this.write(first);
  }

  /** @returns false: `bodyWritable` follows. The piece was taken all the same. */
  write(chunk: Uint8Array): boolean {
    if (this.#length < 0 && this.#owner.isInsideLibrary && this.#state === "flowing") {
      this.#state = "deferred";
      this.#owner.flushLater();
    }
    const rest = this.isBlocked ? chunk : this.#send(chunk);
    if (rest !== null) this.#queue.push(Uint8Array.prototype.slice.call(rest));
    if (!this.isBlocked) return true;
    this.#isAwaited = true;
    return false;
  }

  end(): void {
    this.#isEnding = true;
    if (!this.isBlocked) this.#checkEnd();
  }

  /** The library's callback is over. */
  flush(): void {
    if (this.#state === "deferred") this.onWritable();
  }

  /** Also called when nothing is known to be writable: it tries, and arms the library's time-out anew. */
  onWritable(): void {
    if (this.#state === "finished") {
      this.isFlushed();
      return;
    }
    if (this.#queue.length === 0 && !this.isFlushed()) {
      this.#block();
      return;
    }
    this.#state = "flowing";
    while (this.#queue.length > 0 && !this.isBlocked) {
      const rest = this.#send(this.#queue.shift() as Uint8Array);
      if (rest !== null) this.#queue.unshift(rest);
    }
    if (this.#state !== "flowing") return;
    this.#checkEnd();
    if (!this.#isAwaited || this.#isEnding || this.#isOver) return;
    this.#isAwaited = false;
    this.#owner.bodyWritable();
  }

  /** Makes the library send what it still has. @returns false: not everything; chunked: not known */
  isFlushed(): boolean {
    if (this.#length <= 0) {
      this.#res.cork(nothing);
      return true;
    }
    this.#piece = NO_BYTES;
    this.#res.cork(this.#putPiece);
    return this.#isTaken;
  }

  #putHead(): void {
    const { head, closes } = this.#options;
    this.#res.writeStatus(head);
    if (closes) this.#res.writeHeader("Connection", "close");
    if (this.#length === 0) this.#putNoBody();
    else if (this.#length > 0) this.#res.tryEnd(NO_BYTES, this.#length); // writes Content-Length
  }

  /** In the cork of the head, into which it fits. */
  #putFirst(first: Uint8Array): void {
    if (first.length === 0) return;
    if (this.#length < 0) this.#isClogged = !this.#res.write(first);
    else if (this.#res.tryEnd(first, this.#total)[1]) this.#done();
    this.#sent += first.length;
  }

  /** @returns what was not taken */
  #send(chunk: Uint8Array): Uint8Array | null {
    return this.#length < 0 ? this.#sendChunks(chunk) : this.#sendPieces(chunk);
  }

  #sendPieces(chunk: Uint8Array): Uint8Array | null {
    for (let at = 0; at < chunk.length; ) {
      const isWhole = at === 0 && chunk.length <= this.#pieceMax;
      this.#piece = isWhole ? chunk : chunk.subarray(at, at + this.#pieceMax);
      this.#res.cork(this.#putPiece);
      const taken = this.#isTaken ? this.#piece.length : distance(this.#sent, this.#res.getWriteOffset());
      this.#sent += taken;
      at += taken;
      if (this.#isComplete) {
        this.#done();
        return null;
      }
      if (this.#isTaken && (!this.#owner.isReadingDangerous || this.isFlushed())) continue;
      this.#block();
      return at < chunk.length ? chunk.subarray(at) : null;
    }
    this.#checkEnd();
    return null;
  }

  #sendChunks(chunk: Uint8Array): Uint8Array | null {
    let at = 0;
    // Only a write tells whether the library has bytes left: one byte of it, while it may have.
    if (this.#isClogged) at += this.#sendChunk(chunk, 0, 1);
    while (at < chunk.length && !this.#isClogged) {
      const size = Math.min(chunk.length - at, CORK_BYTES_MAX);
      const isLast = at + size === chunk.length;
      const asks = size > 1 && (this.#owner.isReadingDangerous || (isLast && this.#sent >= FULL_FROM_BYTES));
      at += this.#sendChunk(chunk, at, asks ? size - 1 : size);
      if (asks && !this.#isClogged) at += this.#sendChunk(chunk, at, 1);
    }
    // Of the last byte it is not known whether it was sent: then the next read waits for a moment and another try.
    if (!this.#isClogged && !this.#owner.isReadingDangerous) return null;
    this.#block();
    return at < chunk.length ? chunk.subarray(at) : null;
  }

  /** @returns bytes that were taken: all. Whether the library could send those before them is in `#isClogged`. */
  #sendChunk(chunk: Uint8Array, from: number, size: number): number {
    this.#piece = chunk.subarray(from, from + size);
    this.#res.cork(this.#putChunk);
    this.#sent += size;
    return size;
  }

  #block(): void {
    this.#state = "blocked";
    this.#owner.bodyBlocked();
  }

  get #isOver(): boolean {
    return this.#state === "finished";
  }

  #checkEnd(): void {
    if (this.#isOver) return;
    if (this.#length < 0 ? !this.#isEnding : this.#sent < this.#length) return;
    if (this.#length < 0) this.#res.cork(() => this.#putLastChunk());
    this.#done();
  }

  #putLastChunk(): void {
    if (!this.#options.closes) this.#res.end();
    else if (this.#sent > 0) this.#res.writeHeader(LAST_CHUNK, LAST_CHUNK_END);
    else this.#putNoBody();
  }

  /** The end of the head, behind the header lines. */
  #putNoBody(): void {
    this.#res.writeHeader("Date", new Date().toUTCString());
    this.#res.writeHeader("Content-Length", "0\r\n");
  }

  #done(): void {
    if (this.#isOver) return;
    this.#state = "finished";
    this.#owner.bodySent();
  }
}

/** The library's offset may be one of 32 bits. */
function distance(from: number, to: number): number {
  const RANGE = 2 ** 32;
  return (((to - from) % RANGE) + RANGE) % RANGE;
}
