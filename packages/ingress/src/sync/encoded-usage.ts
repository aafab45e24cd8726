/** An encoded UsageBatch on its way up the stream. */

/** Field 4 of SubscribeRequest, delimited (snapshot_service.proto). */
const USAGE = (4 << 3) | 2;
const VARINT_BYTES_MAX = 5;

export class EncodedUsage {
  readonly #batch: Uint8Array;

  constructor(batch: Uint8Array) {
    this.#batch = batch;
  }

  /** The encoded SubscribeRequest that holds it. */
  request(): Buffer {
    const request = Buffer.allocUnsafe(1 + VARINT_BYTES_MAX + this.#batch.length);
    let at = 0;
    request[at++] = USAGE;
    let rest = this.#batch.length;
    for (; rest >= 0x80; rest >>>= 7) request[at++] = (rest & 0x7f) | 0x80;
    request[at++] = rest;
    request.set(this.#batch, at);
    return request.subarray(0, at + this.#batch.length);
  }
}
