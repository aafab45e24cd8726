// HOT. The `Date` line of answers (RFC 9110 §6.6.1), made anew twice a second. Needs the ticker to run, which it does
// while there is a server.

import { TICK_MS, ticker } from "../io/ticker.js";

const FRESH_TICKS = 500 / TICK_MS;

let line = "";
let madeAt = -FRESH_TICKS;

export function dateLine(): string {
  if (ticker.tick - madeAt >= FRESH_TICKS) {
    line = `\r\ndate: ${new Date().toUTCString()}`;
    madeAt = ticker.tick;
  }
  return line;
}
