/** Frames of the last-known-good files: length, CRC-32, type, payload. A frame is whole and right, or it is the end. */
import { crc32 } from "node:zlib";

/** Length (4), checksum (4), type (1). */
const HEADER_BYTES = 9;
/** A larger frame cannot be ours: chunks hold 256 KiB, and a single resource is bounded by the control plane. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export interface Frame {
  readonly type: number;
  /** A view: valid until more bytes come. */
  readonly payload: Buffer;
}

/** One frame as bytes. The checksum is over type and payload. */
export function encodeFrame(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame[8] = type;
  frame.set(payload, HEADER_BYTES);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}

export type FrameEnd = "clean" | "torn" | "damaged";

/** Splits a stream of bytes into frames. */
export class FrameReader {
  /** The beginning of a frame, in memory of our own that is used again and again. */
  #rest: Buffer = Buffer.alloc(0);
  #restBytes = 0;
  #isDamaged = false;

  /**
   * The frames that are complete with these bytes. Nothing more comes after a damaged one. The bytes may be changed
   * once all frames are read.
   */
  *push(bytes: Buffer): IterableIterator<Frame> {
    const buffer = this.#joined(bytes);
    let at = 0;
    while (!this.#isDamaged && buffer.length - at >= HEADER_BYTES) {
      const length = buffer.readUInt32LE(at);
      if (length > FRAME_BYTES_MAX) {
        this.#isDamaged = true;
        break;
      }
      const end = at + HEADER_BYTES + length;
      if (buffer.length < end) break;
      if (crc32(buffer.subarray(at + 8, end)) !== buffer.readUInt32LE(at + 4)) {
        this.#isDamaged = true;
        break;
      }
      yield { type: buffer[at + 8] as number, payload: buffer.subarray(at + HEADER_BYTES, end) };
      at = end;
    }
    this.#keep(buffer.subarray(at));
  }

  #joined(bytes: Buffer): Buffer {
    if (this.#restBytes === 0) return bytes;
    const length = this.#restBytes + bytes.length;
    if (length > this.#rest.length) this.#grow(length);
    bytes.copy(this.#rest, this.#restBytes);
    return this.#rest.subarray(0, length);
  }

  #keep(rest: Buffer): void {
    if (rest.length > this.#rest.length) this.#grow(rest.length);
    rest.copy(this.#rest, 0); // which may overlap
    this.#restBytes = rest.length;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.#rest.copy(larger, 0, 0, this.#restBytes);
    this.#rest = larger;
  }

  /** How the file ended: within a frame means that its writer was killed. */
  end(): FrameEnd {
    if (this.#isDamaged) return "damaged";
    return this.#restBytes === 0 ? "clean" : "torn";
  }
}
