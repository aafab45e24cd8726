/**
 * Secrets that were presented lately → where their digest leads, so that a repeat visit hashes nothing. Bounded:
 * sets of eight places, of which a new secret takes the oldest one's. Holds known secrets only, and entries are never
 * invalidated by search: the keyRef itself goes dead or points to the key's newest state.
 *
 * Not a Map: it computes a text's hash, follows its buckets through memory and compares by a call, which takes twice as
 * long with ten thousand keys. Here the tags of a set are one cache line, and so are the bytes of a secret. Not by
 * `charCodeAt`: a secret is a part of a head's text, which is looked up anew for each of its characters.
 */
import { API_KEY_LENGTH } from "@latchkey/core";
import type { KeyRef } from "./key-entry.js";

const SETS_BITS = 12;
const WAYS = 8;
const PLACES = WAYS << SETS_BITS;
/** Words of a place: a whole cache line. */
const ROW_BITS = 4;
/** 52 characters are whole words. */
const KEY_WORDS = API_KEY_LENGTH >> 2;

/** Of one character in UTF-8: whatever is asked for has room. */
const CHARACTER_BYTES_MAX = 3;

const encoder = new TextEncoder();

export class LookupCache {
  #memory: Memory | null = null;

  /** @param secret of the length of a key */
  get(secret: string): KeyRef | null {
    const memory = this.#memory;
    return memory === null ? null : memory.get(secret);
  }

  /** @param secret of the form of a key: ASCII */
  set(secret: string, keyRef: KeyRef): void {
    this.#memory ??= new Memory();
    this.#memory.set(secret, keyRef);
  }
}

class Memory {
  /** 0: the place is free. */
  readonly #tags = new Int32Array(PLACES);
  readonly #words = new Int32Array(PLACES << ROW_BITS);
  readonly #keyRefs: (KeyRef | null)[] = new Array<KeyRef | null>(PLACES).fill(null);
  /** Of each set, the place that a new secret takes. */
  readonly #next = new Uint8Array(1 << SETS_BITS);
  /** The secret that is asked for. */
  readonly #askedBytes = new Uint8Array(API_KEY_LENGTH * CHARACTER_BYTES_MAX);
  readonly #askedWords = new Int32Array(this.#askedBytes.buffer, 0, KEY_WORDS);

  get(secret: string): KeyRef | null {
    this.#ask(secret);
    const tags = this.#tags;
    const tag = tagOf(this.#askedWords);
    const first = firstPlace(tag);
    for (let place = first; place < first + WAYS; place++)
      if (tags[place] === tag && this.#isAskedAt(place)) return this.#keyRefs[place] as KeyRef;
    return null;
  }

  set(secret: string, keyRef: KeyRef): void {
    this.#ask(secret);
    const tag = tagOf(this.#askedWords);
    const first = firstPlace(tag);
    let place = first;
    while (place < first + WAYS && this.#tags[place] !== 0 && !this.#isAskedAt(place)) place++;
    if (place === first + WAYS) {
      const set = first / WAYS;
      place = first + this.#next[set]!;
      this.#next[set] = (this.#next[set]! + 1) % WAYS;
    }
    this.#tags[place] = tag;
    this.#keyRefs[place] = keyRef;
    this.#words.set(this.#askedWords, place << ROW_BITS);
  }

  /** As UTF-8: a character that is not ASCII is no byte of a key, so nothing else can look like one. */
  #ask(secret: string): void {
    encoder.encodeInto(secret, this.#askedBytes);
  }

  /** Takes as long wherever the first difference is. */
  #isAskedAt(place: number): boolean {
    const asked = this.#askedWords;
    const words = this.#words;
    const from = place << ROW_BITS;
    let difference = 0;
    for (let i = 0; i < asked.length; i++) difference |= words[from + i]! ^ asked[i]!;
    return difference === 0;
  }
}

function firstPlace(tag: number): number {
  return (tag >>> (32 - SETS_BITS)) * WAYS;
}

/** Of the second and third word, behind the prefix: eight random characters, some 47 bits. */
function tagOf(asked: Int32Array): number {
  return Math.imul(asked[1]! ^ Math.imul(asked[2]!, 0x9e3779b1), 0x9e3779b1) | 1;
}
