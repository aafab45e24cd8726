/**
 * Reads the queries of the page again when somebody changed something, and when the connection stands again. What costs
 * much to read says `isRefreshed: false` in its context and sees to itself.
 */
import type { Client, Exchange, Operation, OperationContext } from "@urql/core";
import { pipe, tap } from "wonka";

/** Context of a query that sees to itself. */
export const notRefreshed: Partial<OperationContext> = { isRefreshed: false };

/** Changes in a row are read once. */
const SETTLE_MS = 250;
/** Between two readings, however often something changes. */
const APART_MS = 2_000;

export class PageRefresh {
  readonly #watched = new Map<number, Operation>();
  #client: Client | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  readonly exchange: Exchange = ({ client, forward }) => {
    this.#client = client;
    return (operations) =>
      pipe(
        operations,
        tap((operation) => {
          if (operation.kind === "teardown") this.#watched.delete(operation.key);
          else if (operation.kind === "query" && operation.context.isRefreshed !== false)
            this.#watched.set(operation.key, operation);
        }),
        forward,
      );
  };

  /** Soon, unless nobody looks: then the page is read when it comes into sight. */
  request(): void {
    if (this.#timer !== undefined || document.hidden) return;
    const waitMs = Math.max(SETTLE_MS, this.#readAt + APART_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#readAt = performance.now();
      const client = this.#client;
      if (client === null) return;
      for (const operation of [...this.#watched.values()])
        client.reexecuteOperation(
          client.createRequestOperation("query", operation, {
            ...operation.context,
            requestPolicy: "cache-and-network",
          }),
        );
    }, waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watched.clear();
  }
}
