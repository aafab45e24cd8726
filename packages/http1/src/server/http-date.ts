// The `Date` line of responses (RFC 9110 §6.6.1), made anew twice a second. Needs the ticker to run, which it does
// while there is a server.

import { TICK_MS, ticker } from "../io/ticker.js";

const FRESH_TICKS = 500 / TICK_MS;

class DateLine {
  #text = "";
  #madeAt = -FRESH_TICKS;

  /** With its line end in front. */
  text(): string {
    if (ticker.tick - this.#madeAt >= FRESH_TICKS) {
      this.#text = `\r\ndate: ${new Date().toUTCString()}`;
      this.#madeAt = ticker.tick;
    }
    return this.#text;
  }
}

/** The process's. */
export const dateLine = new DateLine();
