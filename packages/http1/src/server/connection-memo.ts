// What one client connection remembers from its last request. The handler of the requests extends it with what it derives
// from the header block, so that a connection has one memo. Never shared: a credential may be in it, and a proxy's connection
// carries many clients.

import type { HeaderBlock } from "../codec/header-block.js";
import { LastBytes } from "../codec/last-bytes.js";
import { readArena } from "../io/read-arena.js";

export class ConnectionMemo {
  /**
   * Caches: the header block, as parsed. Bound: one of at most 1 KiB, from the second request on, and for two seconds without
   * a request. Invalid: other bytes. Gain: 7 % of a small GET and 10 % of a POST, with what is derived from it (docs/request-path.md).
   */
  readonly headerBlock = new LastBytes<HeaderBlock>(readArena);

  /** Nothing is remembered after the last `age`, so that further ticks may be left out. */
  get isEmpty(): boolean {
    return this.headerBlock.isEmpty;
  }

  /** Called with each tick. */
  age(): void {
    this.headerBlock.age();
  }
}
