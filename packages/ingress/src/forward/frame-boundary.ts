/**
 * Follows one direction of a WebSocket by the heads of its frames (RFC 6455, section 5.2), to find where a control frame may
 * go between two of them. Looks at no payload and checks nothing: that is for the two ends.
 */
export class FrameBoundary {
  /** Payload bytes of the current frame that have not come. */
  #left = 0;
  /** 0: between two frames, 1: behind the first byte of a head, 2: behind its second. */
  #at: 0 | 1 | 2 = 0;
  /** Bytes of the head that have not come. */
  #lengthLeft = 0;
  #maskLeft = 0;
  #length = 0;

  /** The next byte begins a frame. */
  get isHere(): boolean {
    return this.#at === 0 && this.#left === 0;
  }

  /** @returns the offset of the first boundary in the chunk, 0 and its end among them; -1: there is none */
  follow(chunk: Uint8Array): number {
    let boundary = this.isHere ? 0 : -1;
    let pos = 0;
    while (pos < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - pos);
        this.#left -= step;
        pos += step;
      } else this.#readHead(chunk[pos++] as number);
      if (boundary < 0 && this.isHere) boundary = pos;
    }
    return boundary;
  }

  #readHead(byte: number): void {
    if (this.#at === 0) {
      this.#at = 1;
      return;
    }
    if (this.#at === 1) {
      const length = byte & 0x7f;
      this.#lengthLeft = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#maskLeft = (byte & 0x80) === 0 ? 0 : 4;
      this.#length = this.#lengthLeft === 0 ? length : 0;
      this.#at = 2;
    } else if (this.#lengthLeft > 0) {
      this.#length = this.#length * 256 + byte;
      this.#lengthLeft--;
    } else this.#maskLeft--;
    if (this.#lengthLeft > 0 || this.#maskLeft > 0) return;
    this.#at = 0;
    this.#left = this.#length;
  }
}

const CLOSE = 0x88;
const MASKED = 0x80;

/** A close frame (section 5.5.1). @param isMasked as clients send it; the mask hides nothing here, so it is zeros */
export function closeFrame(code: number, reason: string, isMasked: boolean): Buffer {
  const text = Buffer.from(reason);
  const head = isMasked ? [CLOSE, MASKED | (text.length + 2), 0, 0, 0, 0] : [CLOSE, text.length + 2];
  return Buffer.concat([Buffer.from([...head, code >> 8, code & 0xff]), text]);
}
