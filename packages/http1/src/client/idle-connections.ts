// The free connections of a pool. The last one used is used next, so that the others can grow old. A request that must not be
// sent twice gets none whose response ended in this batch: its FIN may lie in the kernel behind that response.

import { eventLoopBatch } from "../io/event-loop-batch.js";
import type { UpstreamConnection } from "./upstream-connection.js";

export class IdleConnections {
  readonly #connections: UpstreamConnection[] = [];
  /** The batch in which a connection became free last, and how many were free before it: the first ones. */
  #batch = -1;
  #settled = 0;

  get size(): number {
    return this.#connections.length;
  }

  /** The one that has been free longest. */
  get oldest(): UpstreamConnection | undefined {
    return this.#connections[0];
  }

  toArray(): UpstreamConnection[] {
    return this.#connections.slice();
  }

  add(connection: UpstreamConnection): void {
    const batch = eventLoopBatch.number;
    if (this.#batch !== batch) {
      this.#batch = batch;
      this.#settled = this.#connections.length;
    }
    this.#connections.push(connection);
  }

  /** The one that was used last. */
  takeLast(): UpstreamConnection | undefined {
    return this.#connections.pop();
  }

  /** The one that was used last before this batch. */
  takeSettled(): UpstreamConnection | undefined {
    const idle = this.#connections;
    const settled =
      this.#batch === eventLoopBatch.number ? Math.min(this.#settled, idle.length) : idle.length;
    if (settled === 0) return undefined;
    const connection = idle[settled - 1]!;
    const last = idle.pop()!;
    if (last !== connection) idle[settled - 1] = last;
    this.#settled = settled - 1;
    return connection;
  }

  /** One that has served no request yet. */
  takeUnused(): UpstreamConnection | undefined {
    const at = this.#connections.findLastIndex((connection) => !connection.isUsed);
    return at < 0 ? undefined : this.#removeAt(at);
  }

  remove(connection: UpstreamConnection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#removeAt(at);
  }

  #removeAt(at: number): UpstreamConnection | undefined {
    if (at < this.#settled) this.#settled--;
    return this.#connections.splice(at, 1)[0];
  }
}
