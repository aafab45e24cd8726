/** Certificate and key from files, read again when they change, so that a renewal needs no restart. */

import { X509Certificate } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readCertificateAndKey, readCertificates } from "@latchkey/config";
import type { Logger } from "@latchkey/observe";

const POLL_MS = 10_000;

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authority whose certificates clients must show; null = none is asked for. */
  readonly clientCa: Buffer | null;
}

export interface TlsFiles {
  /** Whose settings name the files. */
  readonly port: "http" | "grpc";
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
}

export class TlsMaterial {
  readonly #files: TlsFiles;
  readonly #logger: Logger;
  #current: TlsPair;
  #onChange: (pair: TlsPair) => void = () => {};

  /** @throws SettingFileError */
  constructor(options: TlsFiles & { readonly logger: Logger }) {
    this.#files = options;
    this.#logger = options.logger;
    this.#current = this.#read();
    for (const path of this.#paths())
      watchFile(path, { interval: POLL_MS, persistent: false }, () => this.reload());
  }

  get current(): TlsPair {
    return this.#current;
  }

  /** When the certificate in use expires, in milliseconds since 1970. */
  get expiresAtMs(): number {
    return Date.parse(new X509Certificate(this.#current.cert).validTo);
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
    for (const path of this.#paths()) unwatchFile(path);
  }

  #paths(): string[] {
    const { certFile, keyFile, clientCaFile } = this.#files;
    return clientCaFile === undefined ? [certFile, keyFile] : [certFile, keyFile, clientCaFile];
  }

  #read(): TlsPair {
    const { port, certFile, keyFile, clientCaFile } = this.#files;
    const pair = readCertificateAndKey(
      { setting: `${port}.tlsCertFile`, path: certFile },
      { setting: `${port}.tlsKeyFile`, path: keyFile },
    );
    const clientCa =
      clientCaFile === undefined
        ? null
        : readCertificates({ setting: `${port}.clientCaFile`, path: clientCaFile });
    return { ...pair, clientCa };
  }
}
