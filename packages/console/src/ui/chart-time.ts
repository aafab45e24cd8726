/** Times on a chart's axis: with the date where the day changes, with seconds where the window is short. */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export type Domain = readonly [fromMs: number, toMs: number];

/** `21:00`, and `Sun 29 Nov` at midnight. */
export function tickText(date: Date, [fromMs, toMs]: Domain): string {
  if (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0) return day.format(date);
  return toMs - fromMs < HOUR_MS / 4 && date.getSeconds() !== 0
    ? clockSeconds.format(date)
    : clock.format(date);
}

/** `Sun 29 Nov, 21:00`; without the day in windows that are far shorter than one. */
export function exactText(atMs: number, [fromMs, toMs]: Domain): string {
  if (toMs - fromMs < HOUR_MS / 4) return clockSeconds.format(atMs);
  return toMs - fromMs < DAY_MS / 2 ? clock.format(atMs) : `${day.format(atMs)}, ${clock.format(atMs)}`;
}

/** `21:00`; `29 Nov` where that is a day or more before `untilMs`, or where the axis has several days. */
export function sinceText(atMs: number, untilMs: number, axisFromMs = atMs): string {
  const isDated = untilMs - atMs >= DAY_MS || untilMs - axisFromMs > 2 * DAY_MS;
  return isDated ? date.format(atMs) : clock.format(atMs);
}
