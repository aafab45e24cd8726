/**
 * The body of a proxied request on its way to the integration: buffered before the first attempt (ADR 0672), kept
 * while another attempt may have to send it again, else only counted. Decides nothing about attempts.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { OutgoingRequest } from "@latchkey/http1";
import type { InFlight } from "../limits/in-flight.js";
import type { BufferedBytes } from "../request/buffered-bytes.js";
import type { Integration } from "./integration.js";
import type { ProxyServices } from "./proxy-services.js";

/** A body up to this is kept for a second attempt, where there may be one. */
const REPLAY_BYTES_MAX = 65_536;

export class RequestBody {
  /** Received so far. */
  bytes = 0;
  isComplete = false;
  /** Its beginning is being read; no connection is taken before it is there. */
  isBuffering = false;

  /** -1 = not known. */
  readonly #length: number;
  /** It is read to its end before the first attempt. */
  readonly isWhole: boolean;
  readonly #bufferBytesMax: number;
  readonly #room: BufferedBytes;
  /** Whose the room is. */
  readonly #subscription: InFlight;
  #roomTaken = 0;
  #pieces: Uint8Array[] | null = null;
  /** Another attempt can send the same body. */
  #isRepeatable: boolean;

  constructor(
    length: number,
    isRepeatable: boolean,
    bufferBytesMax: number,
    isWhole: boolean,
    room: BufferedBytes,
    subscription: InFlight,
  ) {
    this.#length = length;
    this.#isRepeatable = isRepeatable;
    this.isWhole = isWhole;
    this.#bufferBytesMax = bufferBytesMax;
    this.#room = room;
    this.#subscription = subscription;
  }

  /** The body of a request to an integration. @param length -1 = not known */
  static of(length: number, integration: Integration, services: ProxyServices): RequestBody {
    const { bodyBufferBytesMax, wholeBodyBytesMax, bufferedBytes } = services;
    const { mayRetry, subscription, needsWholeBody: isWhole } = integration;
    const bytesMax = isWhole ? wholeBodyBytesMax : bodyBufferBytesMax;
    return new RequestBody(length, mayRetry, bytesMax, isWhole, bufferedBytes, subscription);
  }

  /** What an attempt sends first. */
  get pieces(): readonly Uint8Array[] | null {
    return this.#pieces;
  }

  /** Sends what is kept. @returns false when the client must wait */
  writePieces(upstream: OutgoingRequest): boolean {
    let goesOn = true;
    if (this.#pieces !== null) for (const piece of this.#pieces) goesOn = upstream.write(piece);
    return goesOn;
  }

  /** Whether another attempt can send it from its beginning. */
  get canRestart(): boolean {
    return this.#isRepeatable || (this.bytes === 0 && this.isComplete);
  }

  /**
   * Keeps a piece, which is counted already, until more is there; false: it goes on now. So does the last piece of a body
   * whose length is known, which then needs no copy, and one that there is no room for.
   */
  buffer(chunk: Uint8Array): boolean {
    if (this.#length >= 0 && this.bytes >= this.#length) return false;
    if (this.bytes >= this.#bufferBytesMax) return false;
    if (!this.#room.take(this.#subscription, chunk.length)) return false;
    this.#roomTaken += chunk.length;
    this.#keep(chunk);
    return true;
  }

  /** Keeps a piece, which is counted already, of a body that is read whole. @returns why it cannot be kept, or null */
  bufferWhole(chunk: Uint8Array): IngressErrorCode | null {
    if (this.bytes > this.#bufferBytesMax) return "request.body_too_large";
    const missing = this.bytes - this.#roomTaken; // none where it was read whole before
    if (missing > 0) {
      if (!this.#room.take(this.#subscription, missing)) return "gateway.overloaded";
      this.#roomTaken += missing;
    }
    this.#keep(chunk);
    return null;
  }

  /** A piece goes on now, and is kept as well while another attempt may send it. */
  pass(chunk: Uint8Array): void {
    if (this.#isRepeatable) {
      if (this.bytes <= REPLAY_BYTES_MAX) this.#keep(chunk);
      else this.#isRepeatable = false;
    }
    this.releaseSent();
  }

  /** What was sent is not kept unless another attempt may send it. */
  releaseSent(): void {
    if (!this.#isRepeatable) this.#pieces = null;
  }

  /** Room that was taken for it elsewhere is its own from here on. */
  takeOverRoom(bytes: number): void {
    this.#roomTaken += bytes;
  }

  /** There is no further attempt. */
  forget(): void {
    this.#isRepeatable = false;
    this.#pieces = null;
  }

  /** The request is over. */
  close(): void {
    this.forget();
    if (this.#roomTaken === 0) return;
    this.#room.giveBack(this.#subscription, this.#roomTaken);
    this.#roomTaken = 0;
  }

  #keep(chunk: Uint8Array): void {
    this.#pieces ??= [];
    this.#pieces.push(Uint8Array.prototype.slice.call(chunk));
  }
}
