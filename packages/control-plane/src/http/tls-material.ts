/** Certificate and key from files, read again when they change, so that a renewal needs no restart. */
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Logger } from "@latchkey/observe";

const POLL_MS = 10_000;

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export class TlsMaterial {
  readonly #certFile: string;
  readonly #keyFile: string;
  readonly #logger: Logger;
  #current: TlsPair;
  #onChange: (pair: TlsPair) => void = () => {};

  /** @throws Error when the files cannot be read or do not belong together */
  constructor(options: { readonly certFile: string; readonly keyFile: string; readonly logger: Logger }) {
    this.#certFile = options.certFile;
    this.#keyFile = options.keyFile;
    this.#logger = options.logger;
    this.#current = this.#read();
    for (const path of [this.#certFile, this.#keyFile])
      watchFile(path, { interval: POLL_MS, persistent: false }, () => this.reload());
  }

  get current(): TlsPair {
    return this.#current;
  }

  onChange(listener: (pair: TlsPair) => void): void {
    this.#onChange = listener;
  }

  /** Keeps the old pair when the new one is unfit, as while only one of the files is written. */
  reload(): void {
    try {
      this.#current = this.#read();
      this.#onChange(this.#current);
      this.#logger.info("the TLS certificate was read again");
    } catch (error) {
      this.#logger.error({ err: error }, "the changed TLS files cannot be used; the old certificate stays");
    }
  }

  stop(): void {
    for (const path of [this.#certFile, this.#keyFile]) unwatchFile(path);
  }

  #read(): TlsPair {
    const pair = { cert: readFileSync(this.#certFile), key: readFileSync(this.#keyFile) };
    createSecureContext(pair);
    return pair;
  }
}
