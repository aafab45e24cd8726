/**
 * A request that waits: for its token to be verified, or for its whole body before it is checked. Buffers what comes
 * meanwhile and hands it to the next listener. Bounded by its own bytes and by those that all requests buffer together.
 */
import type { EngineRefusal, FrontRequest, RequestListener } from "../fronts/front-request.js";
import { InFlight } from "../limits/in-flight.js";
import type { BufferedBytes } from "./buffered-bytes.js";

export interface BufferedRequestOwner {
  /** The body is complete, and `release` is due. Called once, and not after `release`. */
  onBufferComplete(body: Uint8Array): void;
  onBufferAborted: AbortListener;
  /** More came than may be buffered. */
  onBufferTooLarge(): void;
  /** All waiting requests together buffer as much as they may. */
  onBufferNoRoom(): void;
}

export interface BufferedRequestOptions {
  /** Bytes that may be buffered. */
  readonly bytesMax: number;
  /** Where room for them is taken. */
  readonly room: BufferedBytes;
  /** Whose the room is. */
  readonly subscription: InFlight;
  readonly owner: BufferedRequestOwner;
}

/** The client went away (null), was too slow, or broke the protocol. */
export type AbortListener = (refusal: EngineRefusal | null) => void;

const nobody = new InFlight();

export class BufferedRequest implements RequestListener {
  readonly #request: FrontRequest;
  readonly #bytesMax: number;
  readonly #room: BufferedBytes;
  readonly #subscription: InFlight;
  /** Null: only released from outside. */
  readonly #owner: BufferedRequestOwner | null;
  readonly #aborted: AbortListener;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isComplete: boolean;
  #isOver = false;
  #next: RequestListener | null = null;

  private constructor(
    request: FrontRequest,
    {
      bytesMax,
      room,
      subscription,
      owner,
    }: Omit<BufferedRequestOptions, "owner"> & { owner: BufferedRequestOwner | null },
    aborted: AbortListener,
  ) {
    this.#request = request;
    this.#bytesMax = bytesMax;
    this.#room = room;
    this.#subscription = subscription;
    this.#owner = owner;
    this.#aborted = aborted;
    this.#isComplete = request.head.bodyLength === 0;
  }

  /** Buffers the whole body for its owner. */
  static whole(request: FrontRequest, options: BufferedRequestOptions): BufferedRequest {
    return new BufferedRequest(request, options, options.owner.onBufferAborted);
  }

  /** Of a request that is paused: what was read already still comes, and takes no room. */
  static paused(request: FrontRequest, room: BufferedBytes, aborted: AbortListener): BufferedRequest {
    return new BufferedRequest(request, { bytesMax: 0, room, subscription: nobody, owner: null }, aborted);
  }

  /** The client went away, or the request was responded to. */
  get isOver(): boolean {
    return this.#isOver || this.#request.state !== "open";
  }

  /** The request stays paused: nothing is buffered here, and nobody has the request yet. */
  get wantsPause(): boolean {
    return this.#owner === null && this.#next === null && !this.isOver;
  }

  /** Hands the request on. Null: it was responded to, and what still comes is dropped. */
  release(next: RequestListener | null): void {
    this.#next = next;
    if (next === null) {
      this.#isOver = true;
      this.#drop();
      return;
    }
    const pieces = this.#drop();
    for (const piece of pieces) next.onBodyData(piece);
    if (this.#isComplete && this.#request.head.bodyLength !== 0) next.onBodyEnd();
  }

  onBodyData(chunk: Uint8Array): void {
    if (this.#next !== null) {
      this.#next.onBodyData(chunk);
      return;
    }
    if (this.#isOver) return;
    if (this.#owner !== null) {
      const isTooLarge = this.#bytes + chunk.length > this.#bytesMax;
      if (isTooLarge || !this.#room.take(this.#subscription, chunk.length)) {
        this.#isOver = true;
        this.#drop();
        if (isTooLarge) this.#owner.onBufferTooLarge();
        else this.#owner.onBufferNoRoom();
        return;
      }
      this.#bytes += chunk.length;
    }
    this.#pieces.push(Uint8Array.prototype.slice.call(chunk));
  }

  onBodyEnd(): void {
    if (this.#next !== null) {
      this.#next.onBodyEnd();
      return;
    }
    this.#isComplete = true;
    if (this.#owner !== null && !this.#isOver) this.#owner.onBufferComplete(Buffer.concat(this.#pieces));
  }

  onWritable(): void {
    this.#next?.onWritable();
  }

  onAborted(refusal: EngineRefusal | null): void {
    const isWaiting = !this.#isOver && this.#next === null;
    this.#isOver = true;
    this.#drop();
    this.#next?.onAborted(refusal);
    if (isWaiting) this.#aborted(refusal);
  }

  /** The caller gives the room back, this many bytes, once the receiver of the request is done with them. */
  takeRoom(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** Gives its room back. */
  #drop(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#room.giveBack(this.#subscription, this.#bytes);
    this.#bytes = 0;
    return pieces;
  }
}
