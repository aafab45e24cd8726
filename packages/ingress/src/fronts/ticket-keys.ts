/**
 * Keys of TLS session tickets, made anew twice a day: a stolen key opens no session older than that. A client whose ticket is
 * older makes a full handshake. Workers have those of the primary, so that each resumes the sessions of all.
 */
import { randomBytes } from "node:crypto";

export const TICKET_KEYS_MS = 12 * 3_600_000;
/** A name, a key for HMAC and one for AES, of 16 bytes each. */
const BYTES = 48;

export class TicketKeys {
  current: Buffer = randomBytes(BYTES);
  readonly #onRotated: (keys: Buffer) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(onRotated: (keys: Buffer) => void) {
    this.#onRotated = onRotated;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.current = randomBytes(BYTES);
      this.#onRotated(this.current);
    }, TICKET_KEYS_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
