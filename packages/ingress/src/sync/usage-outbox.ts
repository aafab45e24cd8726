/**
 * Batches of usage until the control plane has stored them: they are sent again on the next stream, under the same numbers, so
 * that each counts once however often streams end. Bounded in bytes: what does not fit is refused.
 */
import { BinaryWriter } from "@latchkey/proto";
import { EncodedUsage } from "./encoded-usage.js";

const BYTES_MAX = 8 * 1024 * 1024;
/** Beyond it counts alone are kept: they are small, and samples are not. */
const SAMPLES_SHARE_MAX = 0.25;
/** Fields 8 and 9 of UsageBatch, varints (usage.proto). */
const SEQUENCE_TAG = 8 << 3;
const AGE_TAG = 9 << 3;

interface Entry {
  readonly sequence: number;
  readonly batch: Uint8Array;
  /** When the batch ended, by the monotonic clock. */
  readonly endedMs: number;
}

export class UsageOutbox {
  readonly #bytesMax: number;
  #entries: Entry[] = [];
  /** Entries before this one were sent on the present stream. */
  #next = 0;
  #bytes = 0;
  #sequence = 0;
  /** The control plane confirms what it has stored; null: not known yet, and nothing is sent. */
  #isConfirmed: boolean | null = null;

  constructor(bytesMax: number = BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /**
   * False: there is no room. Samples are left out before counts are lost. @param counts an encoded UsageBatch
   * @param samples more fields of it @param ageMs time since it ended
   */
  add(counts: Uint8Array, samples: Uint8Array, ageMs: number, nowMs: number): boolean {
    const hasRoom = this.#bytes + samples.length <= this.#bytesMax * SAMPLES_SHARE_MAX;
    const batch = hasRoom ? Buffer.concat([counts, samples]) : counts;
    if (this.#bytes + batch.length > this.#bytesMax) return false;
    this.#bytes += batch.length;
    this.#entries.push({ sequence: ++this.#sequence, batch, endedMs: nowMs - ageMs });
    return true;
  }

  /** Another stream begins: what is not confirmed is sent again. */
  restart(): void {
    this.#next = 0;
    this.#isConfirmed = null;
  }

  /** The control plane of this stream is too old to confirm: each batch is sent once. */
  unconfirmed(): void {
    this.#isConfirmed ??= false;
  }

  /** Everything up to the number is stored. */
  stored(sequence: number): void {
    this.#isConfirmed = true;
    const end = this.#entries.findIndex((entry) => entry.sequence > sequence);
    this.#remove(end < 0 ? this.#entries.length : end);
  }

  /** The next message to send, or null. */
  take(nowMs: number): EncodedUsage | null {
    const entry = this.#entries[this.#next];
    if (entry === undefined || this.#isConfirmed === null) return null;
    this.#next++;
    if (!this.#isConfirmed) this.#remove(this.#next);
    const tail = new BinaryWriter()
      .uint32(SEQUENCE_TAG)
      .uint64(entry.sequence)
      .uint32(AGE_TAG)
      .uint64(Math.max(0, Math.round(nowMs - entry.endedMs)))
      .finish();
    return new EncodedUsage(Buffer.concat([entry.batch, tail]));
  }

  #remove(count: number): void {
    for (const { batch } of this.#entries.splice(0, count)) this.#bytes -= batch.length;
    this.#next = Math.max(0, this.#next - count);
  }
}
