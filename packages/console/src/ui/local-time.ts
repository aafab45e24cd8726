/** Times as inputs of type `datetime-local` have them: in the person's time zone, with seconds only where there are some. Pure. */

const MINUTE_MS = 60_000;

export function localTime(date: Date): string {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString();
  return date.getTime() % MINUTE_MS === 0 ? shifted.slice(0, 16) : shifted.slice(0, 19);
}

/** The instant; null for none. */
export function instantOf(text: string): string | null {
  const date = new Date(text);
  return text === "" || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
