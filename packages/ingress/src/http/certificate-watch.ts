/** Notices that certificate files changed, by looking at them now and then: renewals replace files, which watchers lose. */
import { statSync } from "node:fs";
import type { Logger } from "@latchkey/observe";
import type { EngineTls, HttpEngine } from "./exchange.js";

const INTERVAL_MS = 5_000;

export class CertificateWatch {
  readonly #engine: HttpEngine;
  readonly #tls: EngineTls;
  readonly #log: Logger;
  #seen: string;
  #timer: NodeJS.Timeout | null = null;

  constructor(engine: HttpEngine, tls: EngineTls, log: Logger) {
    this.#engine = engine;
    this.#tls = tls;
    this.#log = log;
    this.#seen = this.#mark();
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Reloads at once. A certificate that cannot be used is reported, and the old one stays. */
  reload(): void {
    if (this.#engine.reloadTls === undefined) {
      this.#log.warn(
        { engine: this.#engine.name },
        "this engine cannot reload its certificate; restart the node",
      );
      return;
    }
    try {
      this.#engine.reloadTls(this.#tls);
      this.#log.info("certificate reloaded");
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : "error";
      this.#log.error({ reason }, "the new certificate cannot be used; the old one stays");
    }
  }

  #look(): void {
    const mark = this.#mark();
    if (mark === this.#seen) return;
    this.#seen = mark;
    this.reload();
  }

  #mark(): string {
    try {
      return [this.#tls.certFile, this.#tls.keyFile].map((file) => statSync(file).mtimeMs).join(" ");
    } catch {
      return this.#seen; // being replaced: the next look sees the new one
    }
  }
}
