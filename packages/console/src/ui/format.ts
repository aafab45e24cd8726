/** Numbers with units, short enough for tables and axes. */

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function formatCount(value: number): string {
  if (value < 10_000)
    return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(value < 10 ? 1 : 0);
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** `1 request`, `2 requests`: a count with its noun. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : several}`;
}

/** Requests a second. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.1) return `${perSecond.toFixed(2)}/s`;
  if (perSecond < 10) return `${perSecond.toFixed(1)}/s`;
  return `${formatCount(Math.round(perSecond))}/s`;
}

/** From microseconds. */
export function formatDuration(us: number): string {
  if (us === 0) return "0 ms";
  if (us < 1_000) return `${Math.round(us)} µs`;
  const ms = us / 1_000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1_024 && unit < SIZES.length - 1) {
    size /= 1_024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${SIZES[unit]}`;
}

export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  return `${percent === 0 || percent >= 10 ? Math.round(percent) : percent.toFixed(1)}%`;
}

/** `100 in 60 s`, in words people use. */
export function formatLimit(
  limit: { readonly limit: number; readonly windowSeconds: number } | null,
): string {
  if (limit === null) return "None";
  return `${limit.limit.toLocaleString("en")} / ${formatWindow(limit.windowSeconds)}`;
}

export function formatWindow(seconds: number): string {
  const named: Readonly<Record<number, string>> = { 1: "s", 60: "min", 3600: "h", 86400: "day" };
  const name = named[seconds];
  if (name !== undefined) return name;
  for (const [size, unit] of [
    [86_400, "days"],
    [3_600, "h"],
    [60, "min"],
  ] as const)
    if (seconds % size === 0) return `${seconds / size} ${unit}`;
  return `${seconds} s`;
}
