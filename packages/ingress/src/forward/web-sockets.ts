/**
 * The WebSockets that are open on this node. Looks at each of them a few times a second, whether its key may still be used and whether
 * it is silent, so that no change of the table has to look for them. Sends Close frames to all when the node shuts down.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { DenseList, type Placed } from "@latchkey/http1";

export interface OpenWebSocket extends Placed {
  /** @param nowMs monotonic */
  look(nowMs: number): void;
  close(code: number, reason: string): void;
}

const LOOK_MS = 250;
/** RFC 6455, section 7.4.1. */
export const GOING_AWAY = 1001;
const SHUTDOWN = "gateway.draining";

export class WebSockets {
  readonly #open = new DenseList<OpenWebSocket>();
  #timer: NodeJS.Timeout | null = null;
  #isClosing = false;

  add(socket: OpenWebSocket): void {
    this.#open.add(socket);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    if (this.#isClosing) socket.close(GOING_AWAY, SHUTDOWN);
  }

  delete(socket: OpenWebSocket): void {
    this.#open.delete(socket);
    if (this.#open.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** The node shuts down. */
  closeAll(): void {
    this.#isClosing = true;
    for (const socket of this.#open.toArray()) socket.close(GOING_AWAY, SHUTDOWN);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const socket of this.#open.toArray()) socket.look(nowMs);
  }
}
