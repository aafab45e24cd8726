/** An instant in words ("3 minutes ago") with the exact time on hover. */
import { clockMs, useNow } from "./clock.js";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

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
  const now = Math.max(clock, Math.min(date.getTime(), clockMs()));
  return (
    <time dateTime={date.toISOString()} title={exactTime(date)}>
      {ago(date.getTime(), now)}
    </time>
  );
}
