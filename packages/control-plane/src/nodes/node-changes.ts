/**
 * Sends the ids of changed nodes to all who watch them. Gathers changes over a quarter of a second, and looks for statuses
 * that change with time alone: those of nodes that are silent.
 */
import { Broadcast } from "../pub-sub/broadcast.js";
import type { Mailbox } from "../pub-sub/mailbox.js";

/** How soon a change of a node reaches those who watch; several in between are one. */
const NOTIFY_INTERVAL_MS = 250;
/** Ages grow by themselves: statuses are looked at this often. */
const STATUS_INTERVAL_MS = 1_000;
const WATCHERS_MAX = 1_000;

export class NodeChanges {
  /** Of all nodes, by id. */
  readonly #statusesNow: () => readonly (readonly [nodeId: string, status: string])[];
  readonly #broadcast = new Broadcast<readonly string[]>({ listenersMax: WATCHERS_MAX, backlogMax: 8 });
  readonly #changed = new Set<string>();
  #statuses: ReadonlyMap<string, string> = new Map();
  readonly #statusTimer: NodeJS.Timeout;
  #notifyTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(statusesNow: () => readonly (readonly [nodeId: string, status: string])[]) {
    this.#statusesNow = statusesNow;
    this.#statusTimer = setInterval(() => this.#lookAtStatuses(), STATUS_INTERVAL_MS).unref();
  }

  /** Ids of all nodes, then of those that changed. @throws TooManyListeners */
  watch(): Mailbox<readonly string[]> {
    const changes = this.#broadcast.listen();
    changes.push(this.#statusesNow().map(([nodeId]) => nodeId));
    return changes;
  }

  /** The node changed. */
  touch(nodeId: string): void {
    this.#changed.add(nodeId);
    if (this.#isClosed || this.#broadcast.listenerCount === 0) {
      this.#changed.clear();
      return;
    }
    this.#notifyTimer ??= setTimeout(() => {
      this.#notifyTimer = null;
      const ids = [...this.#changed];
      this.#changed.clear();
      this.#broadcast.send(ids);
    }, NOTIFY_INTERVAL_MS).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#statusTimer);
    if (this.#notifyTimer !== null) clearTimeout(this.#notifyTimer);
    this.#broadcast.close();
  }

  #lookAtStatuses(): void {
    if (this.#broadcast.listenerCount === 0) return;
    const statuses = new Map(this.#statusesNow());
    for (const [nodeId, status] of statuses) if (this.#statuses.get(nodeId) !== status) this.touch(nodeId);
    this.#statuses = statuses;
  }
}
