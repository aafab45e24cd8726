/** Requests as they come, newest first. */
import { useEffect, useRef, useState } from "react";
import { type TypedDocumentNode, useSubscription } from "urql";
import type { MessageFilter } from "./message-filter.js";

/** Requests that come faster are shown together. */
const SHOW_EVERY_MS = 250;

export interface RequestTailOptions<T> {
  readonly query: TypedDocumentNode<{ readonly requestTail: T }, { filter?: MessageFilter | null }>;
  /** Another filter starts with nothing. */
  readonly filter: MessageFilter;
  /** What was shown stays. */
  readonly isPaused: boolean;
  readonly keptMax: number;
}

export function useRequestTail<T>({ query, filter, isPaused, keptMax }: RequestTailOptions<T>): readonly T[] {
  const [shown, setShown] = useState<readonly T[]>([]);
  const arrived = useRef<T[]>([]);
  const key = JSON.stringify(filter);
  useSubscription({ query, variables: { filter }, pause: isPaused }, (_, { requestTail }) => {
    arrived.current.push(requestTail);
    // Timers of a page out of sight run once a minute.
    if (arrived.current.length > keptMax) arrived.current.shift();
    return { requestTail };
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter starts with nothing
  useEffect(() => {
    arrived.current = [];
    setShown([]);
  }, [key]);
  useEffect(() => {
    if (isPaused) return;
    const timer = setInterval(() => {
      const fresh = arrived.current.splice(0);
      if (fresh.length > 0) setShown((before) => [...fresh.reverse(), ...before].slice(0, keptMax));
    }, SHOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [isPaused, keptMax]);
  return shown;
}
