/**
 * The page's clock, set by the control plane's: what it says of expiry, recordings and "the last hour" is about times of the control
 * plane, and a person's machine may be minutes off.
 */
import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;
/** A `Date` header has whole seconds, and takes a moment to arrive: less than this is no difference. */
const OFFSET_MS_MIN = 2_000;

let offsetMs = 0;
let tickMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970. */
export function clockMs(): number {
  return Date.now() + offsetMs;
}

/** Sets the clock. @param date the `Date` header of a response; null, or text that is no date: the clock stays */
export function setClock(date: string | null): void {
  const differsMs = Date.parse(date ?? "") - clockMs();
  if (!(Math.abs(differsMs) >= OFFSET_MS_MIN)) return;
  offsetMs += differsMs;
  tick();
}

/** The clock; grows every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => tickMs);
}

function tick(): void {
  tickMs = clockMs();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
