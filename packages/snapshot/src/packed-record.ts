/**
 * Records for keeping by the hundred thousand: bodies lie one behind the other in shared blocks, and a record knows
 * where. A Buffer for each would weigh more than many a body. A block lives as long as any record in it.
 */
import type { ResourceRecord } from "./resource.js";

/** About thirty records: one that stays holds no more than this of those that were replaced. */
const BLOCK_BYTES = 16 * 1024;
/** A body larger than this has a block of its own. */
const SHARED_BYTES_MAX = 4 * 1024;

class PackedRecord implements ResourceRecord {
  readonly kind: string;
  readonly id: string;
  readonly #block: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(kind: string, id: string, block: Buffer, start: number, end: number) {
    this.kind = kind;
    this.id = id;
    this.#block = block;
    this.#start = start;
    this.#end = end;
  }

  /** A view, made anew each time. */
  get body(): Uint8Array {
    return this.#block.subarray(this.#start, this.#end);
  }
}

export class RecordPacker {
  readonly #blockBytes: number;
  #block = Buffer.alloc(0);
  #used = 0;

  /** @param blockBytes at least 4 KiB; more for records that come and go together */
  constructor(blockBytes = BLOCK_BYTES) {
    this.#blockBytes = blockBytes;
  }

  /** A record to keep with a copy of the body; one that is packed already is given back. */
  pack(record: ResourceRecord): ResourceRecord {
    if (record instanceof PackedRecord) return record;
    const { kind, id, body } = record;
    const start = this.#reserve(body.length);
    const block = body.length > SHARED_BYTES_MAX ? Buffer.allocUnsafeSlow(body.length) : this.#block;
    block.set(body, start);
    return new PackedRecord(kind, id, block, start, start + body.length);
  }

  /** Where a body goes; 0 for one that gets a block of its own. */
  #reserve(bytes: number): number {
    if (bytes > SHARED_BYTES_MAX) return 0;
    if (this.#used + bytes > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(this.#blockBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes;
    return start;
  }
}
