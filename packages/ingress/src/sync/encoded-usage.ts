/** An encoded UsageBatch on its way up the stream. */
import { BinaryWriter } from "@latchkey/proto";

/** Field 4 of SubscribeRequest, delimited (snapshot_service.proto). */
const USAGE_TAG = (4 << 3) | 2;

export class EncodedUsage {
  readonly #batch: Uint8Array;

  constructor(batch: Uint8Array) {
    this.#batch = batch;
  }

  /** The encoded SubscribeRequest that holds it. */
  request(): Buffer {
    return Buffer.from(new BinaryWriter().uint32(USAGE_TAG).bytes(this.#batch).finish());
  }
}
