// Memory that is looked at by bytes and by words of four bytes. Holds no policy about who uses it.

export interface WordBuffer {
  readonly bytes: Buffer;
  /** The same memory, four bytes at a time: copying and comparing by words beats a call for a few hundred bytes. */
  readonly words: Int32Array;
  /** What both are views of, from its start: asking a Buffer for it is a call. */
  readonly memory: ArrayBuffer;
}

export function wordBuffer(length: number): WordBuffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  const memory = bytes.buffer as ArrayBuffer;
  return { bytes, words: new Int32Array(memory, 0, length >> 2), memory };
}

/** The bytes `[from, to)`, a third of what `Buffer#subarray` costs. */
export function viewOf(source: WordBuffer, from: number, to: number): Uint8Array {
  return new Uint8Array(source.memory, from, to - from);
}

/** The same of any Buffer. */
export function view(bytes: Buffer, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}
