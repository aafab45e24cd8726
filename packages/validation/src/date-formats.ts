/**
 * The formats `date`, `time` and `date-time` as RFC 3339, section 5.6, has them, days of months and leap seconds included.
 * No patterns, which costs less than those of ajv-formats and matches what they cannot express.
 */

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DATE_CHARS = 10;
const TIME_CHARS = 8;
const MINUTES_A_DAY = 24 * 60;
const ZERO = 0x30;

/** `full-date`. */
export function isDate(text: string): boolean {
  return text.length === DATE_CHARS && hasDate(text);
}

/** `full-time`. */
export function isTime(text: string): boolean {
  return hasTime(text, 0);
}

export function isDateTime(text: string): boolean {
  const separator = text[DATE_CHARS];
  return (separator === "T" || separator === "t") && hasDate(text) && hasTime(text, DATE_CHARS + 1);
}

function hasDate(text: string): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (year < 0 || text[4] !== "-" || text[7] !== "-" || month < 1 || month > 12 || day < 1) return false;
  return day <= (month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] as number));
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** To the end of the text. */
function hasTime(text: string, start: number): boolean {
  const hour = digits(text, start, 2);
  const minute = digits(text, start + 3, 2);
  const second = digits(text, start + 6, 2);
  if (hour < 0 || minute < 0 || second < 0 || text[start + 2] !== ":" || text[start + 5] !== ":")
    return false;
  let at = start + TIME_CHARS;
  if (text[at] === ".") {
    const first = ++at;
    while (digits(text, at, 1) >= 0) at++;
    if (at === first) return false;
  }
  const offset = offsetMinutes(text, at);
  if (offset === null || hour > 23 || minute > 59 || second > 60) return false;
  if (second < 60) return true;
  // A leap second is the last one of a day in UTC (appendix D).
  const utc = hour * 60 + minute - offset;
  return (utc + MINUTES_A_DAY) % MINUTES_A_DAY === MINUTES_A_DAY - 1;
}

/** `time-offset`, with which the text ends; null: it is none. */
function offsetMinutes(text: string, at: number): number | null {
  const sign = text[at];
  if (sign === "Z" || sign === "z") return text.length === at + 1 ? 0 : null;
  const hour = digits(text, at + 1, 2);
  const minute = digits(text, at + 4, 2);
  const isOffset = (sign === "+" || sign === "-") && text[at + 3] === ":" && text.length === at + 6;
  if (!isOffset || hour < 0 || hour > 23 || minute < 0 || minute > 59) return null;
  return (sign === "-" ? -1 : 1) * (hour * 60 + minute);
}

/** Their number; negative: the text has other characters there. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    // NaN behind the end.
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}
