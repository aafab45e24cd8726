// Gathers what is to be written to one socket: what is written during one iteration of the event loop leaves in one
// system call, after everything that arrived in it has been read. Copies what it is given. Does no framing.

import type { Socket } from "node:net";
import { hasLines, isVisible } from "../codec/head-check.js";
import { view, viewOf, wordBuffer } from "../codec/word-buffer.js";
import { BareSocket } from "./bare-socket.js";
import { type BatchWriter, eventLoopBatch } from "./event-loop-batch.js";
import { HandleWriter, type HandleWriterOwner } from "./handle-writer.js";
import { BULK_BYTES, type Slab, SMALL_MAX, writeArena } from "./write-arena.js";

/** Unsent bytes at which a writer asks for a pause. */
export const WRITE_HIGH_WATER = 65_536;

/**
 * A message of so many gathered bytes leaves as soon as it is complete: a batch of such messages would not stay
 * in the processor's caches until its end, and needs more scratch memory than is kept.
 */
const EARLY_BYTES = 4_096;

export interface WriterOwner extends HandleWriterOwner {
  /** The gathered bytes were handed to the socket. */
  onFlushed(): void;
}

export class SocketWriter implements BatchWriter, HandleWriterOwner {
  /** Something was handed to the kernel since the owner last set this to false. */
  sent = false;
  /** One without a stream has a handle writer. */
  readonly #socket: Socket | BareSocket;
  readonly #owner: WriterOwner;
  /**
   * TLS copies what its handle is given, and completes a write in the next iteration, however ready the kernel is: until then
   * what follows is held, in memory of its own.
   */
  readonly #encrypted: boolean;
  #slab: Slab | null = null;
  #from = 0;
  #to = 0;
  /** Pieces before the current stretch of the slab. Rare: a large piece, or another writer came between. */
  #parts: Uint8Array[] | null = null;
  /** So many of them are held. */
  #held = 0;
  #gathered = 0;
  #queued = false;
  /** The last write was not taken whole. */
  #stuck = false;
  /** The socket ends once TLS has everything. */
  #endsWhenSent = false;
  /** Past the socket's stream. Null: by the stream; undefined: nothing was written yet. */
  #direct: HandleWriter | null | undefined;

  constructor(socket: Socket | BareSocket, owner: WriterOwner, encrypted: boolean) {
    this.#socket = socket;
    this.#owner = owner;
    this.#encrypted = encrypted;
  }

  /** Bytes that the kernel has not taken. */
  get unsent(): number {
    // Asking costs; most writes are taken whole by the kernel.
    if (this.#stuck) {
      const left = this.#direct?.unsent ?? this.#stream.writableLength;
      this.#stuck = left > 0;
      return this.#gathered + left;
    }
    return this.#gathered;
  }

  /**
   * A message head. Looks at the bytes as they will be sent: a control byte that is neither a tab nor one of the `lines`
   * line ends would be an injection, and so would a space in the target at `[targetFrom, targetTo)` of the text.
   * @returns false: refused, nothing written.
   */
  writeHead(text: string, lines: number, targetFrom: number, targetTo: number): boolean {
    const { length } = text;
    if (length > SMALL_MAX) return this.#writeLargeHead(text, lines, targetFrom, targetTo);
    const slab = writeArena.slabFor(length + 8);
    const from = (slab.pos + 3) & ~3;
    slab.bytes.write(text, from, length, "latin1");
    if (!hasLines(slab, from, from + length, lines)) return false;
    if (!isVisible(slab.bytes, from + targetFrom, from + targetTo)) return false;
    this.#extend(slab, from, length);
    return true;
  }

  /** As `writeHead`, in memory of its own. */
  #writeLargeHead(text: string, lines: number, targetFrom: number, targetTo: number): boolean {
    const { length } = text;
    const head = wordBuffer((length + 7) & ~3);
    head.bytes.write(text, 0, length, "latin1");
    if (!hasLines(head, 0, length, lines)) return false;
    if (!isVisible(head.bytes, targetFrom, targetTo)) return false;
    this.#seal();
    this.#parts ??= [];
    this.#parts.push(viewOf(head, 0, length));
    this.#gathered += length;
    if (!this.#queued) this.#enqueue();
    return true;
  }

  /** Text that the caller made itself, latin1, at most `SMALL_MAX`. */
  writeText(text: string): void {
    if (text === "") return;
    const slab = writeArena.slabFor(text.length);
    const from = slab.pos;
    slab.bytes.write(text, from, text.length, "latin1");
    this.#extend(slab, from, text.length);
  }

  writeBytes(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length > SMALL_MAX) {
      this.#writeBulk(chunk);
      return;
    }
    if (length === 0) return;
    const slab = writeArena.slabFor(length);
    const from = slab.pos;
    slab.bytes.set(chunk, from);
    this.#extend(slab, from, length);
  }

  #extend(slab: Slab, from: number, length: number): void {
    if (this.#slab === slab && this.#to === from) {
      this.#to = from + length;
    } else {
      this.#seal();
      this.#slab = slab;
      this.#from = from;
      this.#to = from + length;
    }
    slab.pos = from + length;
    this.#gathered += length;
    if (!this.#queued) this.#enqueue();
  }

  /** Calls `onFlushed` in this batch although nothing may have been written. */
  wake(): void {
    if (!this.#queued) this.#enqueue();
  }

  /** What was written is a whole message: sends a large one now, while it is warm. */
  messageComplete(): void {
    if (this.#gathered >= EARLY_BYTES) this.#hand();
  }

  #enqueue(): void {
    this.#queued = true;
    eventLoopBatch.flushLater(this);
  }

  /** Ends the current stretch of the slab. */
  #seal(): void {
    if (this.#slab === null) return;
    this.#parts ??= [];
    this.#parts.push(viewOf(this.#slab, this.#from, this.#to));
    this.#slab = null;
  }

  /** Large pieces leave at once: gathering them would only hold memory. */
  #writeBulk(chunk: Uint8Array): void {
    if (this.#encrypted) {
      this.#handNow(chunk);
      return;
    }
    for (let at = 0; at < chunk.length; at += BULK_BYTES) {
      const length = Math.min(BULK_BYTES, chunk.length - at);
      const bulk = writeArena.takeBulk(length);
      bulk.set(length === chunk.length ? chunk : chunk.subarray(at, at + length), 0);
      this.#seal();
      this.#parts ??= [];
      this.#parts.push(length === bulk.length ? bulk : view(bulk, 0, length));
      this.#gathered += length;
      this.#hand();
      if (!this.#stuck) writeArena.returnBulk(bulk);
    }
    if (!this.#queued) this.#enqueue(); // the owner hears of it, but not from inside this call
  }

  /** For TLS, which copies what it is handed: once, together with what was gathered before. */
  #handNow(chunk: Uint8Array): void {
    this.#seal();
    this.#parts ??= [];
    this.#parts.push(chunk);
    this.#gathered += chunk.length;
    this.#hand();
    if (!this.#queued) this.#enqueue();
  }

  /** Hands everything gathered to the socket and tells the owner. */
  flush(): void {
    this.#queued = false;
    this.#hand();
    this.#owner.onFlushed();
  }

  /** Hands everything gathered to the socket, without telling the owner. */
  flushOnly(): void {
    this.#hand();
  }

  #hand(): void {
    if (this.#gathered === 0) return;
    if (this.#direct === undefined) {
      this.#direct = HandleWriter.of(this.#socket, this);
      // One without a stream was closed before its first write.
      if (this.#direct === null && !(this.#socket instanceof BareSocket))
        this.#stream.on("drain", () => this.#owner.onDrained());
    }
    if (this.#encrypted && this.#direct?.isBusy === true) {
      this.#hold();
      return;
    }
    const taken = this.#direct === null ? this.#handToStream() : this.#handDirectly(this.#direct);
    // An error known at once means that the kernel took nothing of this write.
    if (!taken && !this.sent) {
      this.#keep();
      return;
    }
    this.sent = true;
    this.#forget();
  }

  /** @returns false: nothing was taken */
  #handDirectly(direct: HandleWriter): boolean {
    if (!direct.open) return false;
    let taken: boolean;
    if (this.#parts === null) {
      taken = direct.write(viewOf(this.#slab!, this.#from, this.#to));
    } else {
      this.#seal();
      const parts = this.#parts;
      taken = parts.length === 1 ? direct.write(parts[0]!) : direct.writeAll(parts);
    }
    this.#stuck = direct.unsent > 0;
    if (this.#stuck && !this.#encrypted) writeArena.pin();
    else if (taken) this.#reuse();
    return taken;
  }

  /** Moves what was gathered last out of the shared memory. */
  #hold(): void {
    this.#seal();
    const parts = this.#parts!;
    for (; this.#held < parts.length; this.#held++) parts[this.#held] = Buffer.from(parts[this.#held]!);
  }

  /** FIN, behind everything that was written. */
  end(): void {
    this.#hand();
    if (this.#encrypted && this.#direct?.isBusy === true) this.#endsWhenSent = true;
    else this.#socket.end();
  }

  // What the handle writer calls.

  onDrained(): void {
    this.#hand(); // what was held
    if (this.#endsWhenSent && this.#direct?.isBusy !== true) this.#socket.end();
    this.#owner.onDrained();
  }

  onWriteError(error: Error): void {
    this.#owner.onWriteError(error);
  }

  /** Where nothing lies behind what was sent, the next message is written to the same warm memory. */
  #reuse(): void {
    const slab = this.#slab;
    if (slab !== null && slab.pos === this.#to) slab.pos = this.#from;
  }

  get #stream(): Socket {
    return this.#socket as Socket;
  }

  /** @returns false: nothing was taken */
  #handToStream(): boolean {
    const socket = this.#stream;
    if (socket.destroyed) return false;
    this.#seal();
    const parts = this.#parts!;
    if (this.#encrypted) {
      // TLS takes bytes in a later iteration, however ready the kernel is: a copy, so that the shared memory is free again.
      socket.write(Buffer.concat(parts));
      this.#stuck = socket.writableLength > 0;
      return socket.errored === null;
    }
    socket.cork();
    for (let i = 0; i < parts.length; i++) socket.write(parts[i]!);
    socket.uncork();
    this.#stuck = socket.writableLength > 0;
    if (this.#stuck) writeArena.pin();
    return socket.errored === null;
  }

  /** Moves what can't be sent here any more out of the shared memory, for `takeUnsent`. */
  #keep(): void {
    const bytes = this.takeUnsent();
    this.#parts = [bytes];
    this.#gathered = bytes.length;
  }

  #forget(): void {
    this.#slab = null;
    this.#parts = null;
    this.#held = 0;
    this.#gathered = 0;
  }

  /** A copy of everything gathered and not handed over, which this writer then forgets. */
  takeUnsent(): Buffer {
    this.#seal();
    const bytes = Buffer.concat(this.#parts ?? []);
    this.#forget();
    return bytes;
  }
}
