/**
 * The digest of a set of resources: the sum of their SHA-256 hashes modulo 2^256.
 * Free of order, so both ends update it in O(changed). Detects loss and error; authenticity is the signature's job.
 */

import { hash } from "node:crypto";
import { asBuffer } from "./as-buffer.js";
import type { ResourceRecord } from "./resource.js";

/** Bytes of a digest. */
export const DIGEST_BYTES = 32;
const LIMBS = 8;

/** What is hashed is laid out here first: one call of the hash costs a third of a hash object with five updates. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024);

/** SHA-256 over kind, 0x00, id, 0x00, body. */
export function resourceHash(record: ResourceRecord): Uint8Array {
  return Buffer.from(hashText(record), "latin1");
}

/**
 * The hash as 32 characters of one byte each: a string is garbage like any other, where a buffer has memory of its own
 * that the collector must count and free; that is half the time of a hash.
 */
function hashText(record: ResourceRecord): string {
  const { kind, id, body } = record;
  // A UTF-16 unit is at most three bytes in UTF-8.
  const bytesMax = 3 * (kind.length + id.length) + 2 + body.length;
  if (bytesMax > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * bytesMax);
  let end = scratch.write(kind, 0, "utf8");
  scratch[end++] = 0;
  end += scratch.write(id, end, "utf8");
  scratch[end++] = 0;
  scratch.set(body, end);
  return hash("sha256", scratch.subarray(0, end + body.length), "binary");
}

/** A running sum. Mutable by design: one owner keeps it beside its resources. */
export class DigestSum {
  readonly #limbs = new Uint32Array(LIMBS);

  static from(bytes: Uint8Array): DigestSum {
    if (bytes.length !== DIGEST_BYTES)
      throw new RangeError(`a digest has ${DIGEST_BYTES} bytes, not ${bytes.length}`);
    const sum = new DigestSum();
    sum.#accumulate(bytes, 1);
    return sum;
  }

  clone(): DigestSum {
    const copy = new DigestSum();
    copy.#limbs.set(this.#limbs);
    return copy;
  }

  add(record: ResourceRecord): void {
    this.#accumulateText(hashText(record), 1);
  }

  remove(record: ResourceRecord): void {
    this.#accumulateText(hashText(record), -1);
  }

  /** Adds a hash made by `resourceHash`, for owners that keep hashes. */
  addHash(hash: Uint8Array): void {
    this.#accumulate(hash, 1);
  }

  removeHash(hash: Uint8Array): void {
    this.#accumulate(hash, -1);
  }

  equals(bytes: Uint8Array): boolean {
    return bytes.length === DIGEST_BYTES && Buffer.compare(this.bytes(), bytes) === 0;
  }

  /** 32 bytes, little-endian limbs. */
  bytes(): Uint8Array {
    const out = new Uint8Array(DIGEST_BYTES);
    const view = new DataView(out.buffer);
    for (let i = 0; i < LIMBS; i++) view.setUint32(i * 4, this.#limbs[i] ?? 0, true);
    return out;
  }

  #accumulate(hash: Uint8Array, sign: 1 | -1): void {
    this.#accumulateText(asBuffer(hash).toString("latin1"), sign);
  }

  #accumulateText(hash: string, sign: 1 | -1): void {
    let carry = 0;
    for (let i = 0; i < LIMBS; i++) {
      const at = i * 4;
      const low = hash.charCodeAt(at) | (hash.charCodeAt(at + 1) << 8) | (hash.charCodeAt(at + 2) << 16);
      const limb = low + hash.charCodeAt(at + 3) * 2 ** 24;
      const sum = (this.#limbs[i] as number) + sign * limb + carry;
      this.#limbs[i] = sum >>> 0;
      carry = Math.floor(sum / 2 ** 32);
    }
  }
}

/** The digest of a whole set. */
export function digestOf(records: Iterable<ResourceRecord>): Uint8Array {
  const sum = new DigestSum();
  for (const record of records) sum.add(record);
  return sum.bytes();
}
