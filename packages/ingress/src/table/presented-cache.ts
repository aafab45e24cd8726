/**
 * HOT. Secrets that were presented lately → where their digest leads, so that a repeat visit hashes nothing. Bounded:
 * sets of eight places, of which a new secret takes the oldest one's. Holds known secrets only, and entries are never
 * invalidated by search: the slot itself goes dead or points to the key's newest state.
 *
 * Not a Map: it computes a text's hash, follows its buckets through memory and compares by a call, which takes twice as
 * long with ten thousand keys. Here the tags of a set are one cache line, and so are the characters of a secret.
 */
import { API_KEY_LENGTH, API_KEY_PREFIX } from "@latchkey/core";
import type { SecretSlot } from "./key-entry.js";

/** A local copy: an imported binding is read anew in each round of a loop. */
const KEY_LENGTH = API_KEY_LENGTH;
const SETS_BITS = 12;
const WAYS = 8;
const PLACES = WAYS << SETS_BITS;
/** Bytes of a place: a whole cache line. */
const ROW_BITS = 6;
/** Characters behind the prefix that the tag is made of: some 47 random bits. */
const TAG_FROM = API_KEY_PREFIX.length;
const TAG_TO = TAG_FROM + 8;

export class PresentedCache {
  #memory: Memory | null = null;

  /** @param secret of the length of a key */
  get(secret: string): SecretSlot | null {
    const memory = this.#memory;
    return memory === null ? null : memory.get(secret);
  }

  /** @param secret of the form of a key: ASCII */
  set(secret: string, slot: SecretSlot): void {
    this.#memory ??= new Memory();
    this.#memory.set(secret, slot);
  }
}

class Memory {
  /** 0: the place is free. */
  readonly #tags = new Int32Array(PLACES);
  readonly #chars = new Uint8Array(PLACES << ROW_BITS);
  readonly #slots: (SecretSlot | null)[] = new Array<SecretSlot | null>(PLACES).fill(null);
  /** Of each set, the place that a new secret takes. */
  readonly #next = new Uint8Array(1 << SETS_BITS);

  get(secret: string): SecretSlot | null {
    const tags = this.#tags;
    const tag = tagOf(secret);
    const first = firstPlace(tag);
    for (let place = first; place < first + WAYS; place++)
      if (tags[place] === tag && this.#isAt(place, secret)) return this.#slots[place] as SecretSlot;
    return null;
  }

  set(secret: string, slot: SecretSlot): void {
    const tag = tagOf(secret);
    const first = firstPlace(tag);
    let place = first;
    while (place < first + WAYS && this.#tags[place] !== 0 && !this.#isAt(place, secret)) place++;
    if (place === first + WAYS) {
      const set = first / WAYS;
      place = first + this.#next[set]!;
      this.#next[set] = (this.#next[set]! + 1) % WAYS;
    }
    this.#tags[place] = tag;
    this.#slots[place] = slot;
    for (let i = 0; i < KEY_LENGTH; i++) this.#chars[(place << ROW_BITS) + i] = secret.charCodeAt(i);
  }

  /** Takes as long wherever the first difference is. */
  #isAt(place: number, secret: string): boolean {
    const chars = this.#chars;
    const from = place << ROW_BITS;
    let difference = 0;
    for (let i = 0; i < KEY_LENGTH; i++) difference |= chars[from + i]! ^ secret.charCodeAt(i);
    return difference === 0;
  }
}

function firstPlace(tag: number): number {
  return (tag >>> (32 - SETS_BITS)) * WAYS;
}

function tagOf(secret: string): number {
  let hash = 0;
  for (let i = TAG_FROM; i < TAG_TO; i++) hash = Math.imul(hash ^ secret.charCodeAt(i), 0x9e3779b1);
  return hash | 1;
}
