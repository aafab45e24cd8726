/** Frames of the last-known-good files: length, CRC-32, type, payload. A frame is whole and right, or it is the end. */
import { crc32 } from "node:zlib";

/** Length (4), checksum (4), type (1). */
const HEADER_BYTES = 9;
/** A larger frame cannot be ours: chunks hold 256 KiB, and a single resource is bounded by the control plane. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
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
  #buffer: Buffer = Buffer.alloc(0);
  #isDamaged = false;

  /** The frames that are complete with these bytes. Nothing more comes after a damaged one. */
  *push(bytes: Buffer): IterableIterator<Frame> {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    let at = 0;
    while (!this.#isDamaged && this.#buffer.length - at >= HEADER_BYTES) {
      const length = this.#buffer.readUInt32LE(at);
      if (length > FRAME_BYTES_MAX) {
        this.#isDamaged = true;
        break;
      }
      const end = at + HEADER_BYTES + length;
      if (this.#buffer.length < end) break;
      if (crc32(this.#buffer.subarray(at + 8, end)) !== this.#buffer.readUInt32LE(at + 4)) {
        this.#isDamaged = true;
        break;
      }
      yield { type: this.#buffer[at + 8] as number, payload: this.#buffer.subarray(at + HEADER_BYTES, end) };
      at = end;
    }
    this.#buffer = this.#buffer.subarray(at);
  }

  /** How the file ended: within a frame means that its writer was killed. */
  end(): FrameEnd {
    if (this.#isDamaged) return "damaged";
    return this.#buffer.length === 0 ? "clean" : "torn";
  }
}
