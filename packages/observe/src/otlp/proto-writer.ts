/**
 * Writes protobuf into one buffer that is kept. Lengths of nested messages are written as varints of fixed width, which every
 * decoder takes. BinaryWriter makes an array of chunks for each nested message and costs several times as much (docs/adr/0005).
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

/** The tag of a field. */
export const tag = (field: number, type: number) => (field << 3) | type;

const INITIAL_BYTES = 16 * 1024;
/** A buffer that a very large message made grow is not kept. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** A length as a varint of this width: up to 256 MiB. */
const LENGTH_BYTES = 4;
const VARINT_BYTES_MAX = 10;
const TAG_BYTES_MAX = 5;
/** So many characters have at most 127 bytes, whose number takes one byte. */
const SHORT_CHARS = 42;
const UTF8_BYTES_MAX = 3;
const TWO_32 = 2 ** 32;

export class ProtoWriter {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #at = 0;

  /** Begins a nested message. @returns what `end` wants */
  begin(field: number): number {
    this.#tag(field, LENGTH_BYTES);
    this.#at += LENGTH_BYTES;
    return this.#at;
  }

  end(begunAt: number): void {
    this.#length(begunAt - LENGTH_BYTES, this.#at - begunAt);
  }

  /** A whole number; negative ones as int64 has them. */
  varint(field: number, value: number): void {
    this.#tag(field, VARINT_BYTES_MAX);
    if (value >= 0) this.#varint(value);
    else {
      let bits = BigInt.asUintN(64, BigInt(value));
      for (; bits > 0x7fn; bits >>= 7n) this.#byte(Number(bits & 0x7fn) | 0x80);
      this.#byte(Number(bits));
    }
  }

  double(field: number, value: number): void {
    this.#tag(field, 8);
    this.doubleOf(value);
  }

  /** Of a packed list: the caller has begun it. */
  doubleOf(value: number): void {
    this.#room(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  /** @param factor the value times this is written: `1_000` for microseconds as nanoseconds, which a double does not hold */
  fixed64(field: number, value: number, factor = 1): void {
    this.#tag(field, 8);
    this.fixed64Of(value, factor);
  }

  /** Of a packed list: the caller has begun it. @param value whole, from 0 */
  fixed64Of(value: number, factor = 1): void {
    this.#room(8);
    const low = (value % TWO_32) * factor;
    this.#at = this.#buffer.writeUInt32LE(low % TWO_32, this.#at);
    const high = Math.floor(value / TWO_32) * factor + Math.floor(low / TWO_32);
    this.#at = this.#buffer.writeUInt32LE(high % TWO_32, this.#at);
  }

  /** UTF-8; half a surrogate pair becomes U+FFFD. */
  string(field: number, text: string): void {
    const { length } = text;
    this.#tag(field, LENGTH_BYTES + length * UTF8_BYTES_MAX);
    if (length > SHORT_CHARS) {
      const written = this.#buffer.write(text, this.#at + LENGTH_BYTES);
      this.#length(this.#at, written);
      this.#at += LENGTH_BYTES + written;
      return;
    }
    const start = this.#at + 1;
    let written = 0;
    for (; written < length; written++) {
      const code = text.charCodeAt(written);
      if (code > 0x7f) break;
      this.#buffer[start + written] = code;
    }
    if (written < length) written = this.#buffer.write(text, start);
    this.#buffer[this.#at] = written;
    this.#at = start + written;
  }

  /** Bytes of which the hexadecimal digits are given; fewer than 128. */
  hex(field: number, digits: string): void {
    this.#tag(field, 1 + digits.length / 2);
    this.#byte(digits.length / 2);
    this.#at += this.#buffer.write(digits, this.#at, "hex");
  }

  /** What was written since the last call, as a copy. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    if (this.#buffer.length > KEPT_BYTES_MAX) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return bytes;
  }

  #tag(field: number, more: number): void {
    this.#room(TAG_BYTES_MAX + more);
    this.#varint(field);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#buffer[this.#at++] = value;
  }

  #length(at: number, length: number): void {
    this.#buffer[at] = (length & 0x7f) | 0x80;
    this.#buffer[at + 1] = ((length >>> 7) & 0x7f) | 0x80;
    this.#buffer[at + 2] = ((length >>> 14) & 0x7f) | 0x80;
    this.#buffer[at + 3] = (length >>> 21) & 0x7f;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
