/**
 * What this node cannot use: logged when it begins and when it ends, and told to the control plane when no ACK has said
 * so. Remembers what was logged and told, and sends nothing itself.
 */
import type { Logger } from "@latchkey/observe";
import { resourceName } from "@latchkey/snapshot";
import type { Rejection } from "../table/table-change.js";

export class RejectionReport {
  readonly #log: Logger;
  /** Reason by name, as logged. */
  #logged: ReadonlyMap<string, string> = new Map();
  /** What the control plane knows of on this stream. */
  #told: ReadonlyMap<string, string> = new Map();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A new stream: its server knows of none. */
  restart(): void {
    this.#told = new Map();
  }

  /** Whether the control plane has yet to hear of it. */
  isNews(rejected: readonly Rejection[]): boolean {
    return (
      rejected.length !== this.#told.size ||
      rejected.some(({ ref, reason }) => this.#told.get(resourceName(ref)) !== reason)
    );
  }

  told(rejected: readonly Rejection[]): void {
    this.#told = byName(rejected);
  }

  /** An ACK tells it. */
  acknowledged(rejected: readonly Rejection[]): void {
    this.log(rejected);
    this.told(rejected);
  }

  /** Logs what differs from the last time. */
  log(rejected: readonly Rejection[]): void {
    const now = byName(rejected);
    for (const [resource, reason] of now)
      if (this.#logged.get(resource) !== reason)
        this.#log.warn({ resource, reason }, "a resource cannot be used and is quarantined");
    for (const resource of this.#logged.keys())
      if (!now.has(resource)) this.#log.info({ resource }, "a resource is no longer quarantined");
    this.#logged = now;
  }
}

function byName(rejected: readonly Rejection[]): Map<string, string> {
  return new Map(rejected.map(({ ref, reason }) => [resourceName(ref), reason]));
}
