/** An instant in words ("3 minutes ago") with the exact time on hover. One clock ticks for the whole page. */
import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The page's clock; grows every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function ago(atMs: number, now: number): string {
  const seconds = Math.round((atMs - now) / 1_000);
  for (const [unit, size] of steps) {
    // What is to come is rounded: two hours less a second are "in 2 hours".
    if (Math.abs(seconds) >= size)
      return relative.format(seconds > 0 ? Math.round(seconds / size) : Math.trunc(seconds / size), unit);
  }
  if (Math.abs(seconds) < 5) return "just now";
  return relative.format(seconds, "second");
}

export function exactTime(at: string | number | Date): string {
  return exact.format(new Date(at));
}

export function TimeAgo({ at }: { readonly at: string | number }) {
  const clock = useNow();
  const date = new Date(at);
  // An instant younger than the last tick is not in the future.
  const now = Math.max(clock, Math.min(date.getTime(), Date.now()));
  return (
    <time dateTime={date.toISOString()} title={exactTime(date)}>
      {ago(date.getTime(), now)}
    </time>
  );
}
