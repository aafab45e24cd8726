/** The header `traceparent` of W3C Trace Context: a valid one goes on, anything else is replaced. */

const VERSION_00_LENGTH = 55;

/** Form of version 00 (§3.2.2); a later version may be longer (§3.2.3). Ids of zeros are invalid. */
export function isTraceparent(value: string): boolean {
  if (value.length < VERSION_00_LENGTH) return false;
  if (value.charCodeAt(2) !== 0x2d || value.charCodeAt(35) !== 0x2d || value.charCodeAt(52) !== 0x2d)
    return false;
  if (!isHex(value, 0, 2) || !isHex(value, 3, 35) || !isHex(value, 36, 52) || !isHex(value, 53, 55))
    return false;
  const isVersion00 = value.startsWith("00");
  if (value.startsWith("ff") || (isVersion00 && value.length !== VERSION_00_LENGTH)) return false;
  if (!isVersion00 && value.length > VERSION_00_LENGTH && value.charCodeAt(55) !== 0x2d) return false;
  return !isZeros(value, 3, 35) && !isZeros(value, 36, 52);
}

function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false;
  }
  return true;
}

function isZeros(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) !== 0x30) return false;
  return true;
}

/** The header that goes with a request of a sampled span. */
export function traceparentOf(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}
