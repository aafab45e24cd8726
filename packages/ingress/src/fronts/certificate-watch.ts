/** Notices that certificate files changed, by looking at them now and then: renewals replace files, which watchers lose. */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Logger } from "@latchkey/observe";
import type { EngineTls, HttpEngine } from "./front-request.js";

const INTERVAL_MS = 5_000;

export class CertificateWatch {
  readonly #engine: Pick<HttpEngine, "name" | "reloadTls">;
  readonly #tls: EngineTls;
  readonly #log: Logger;
  readonly #files: readonly string[];
  #seen = "";
  #isLooking = false;
  /** The files could not be looked at the last time. */
  #isAway = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(engine: Pick<HttpEngine, "name" | "reloadTls">, tls: EngineTls, log: Logger) {
    this.#engine = engine;
    this.#tls = tls;
    this.#log = log;
    this.#files = [tls.certFile, tls.keyFile];
    try {
      this.#seen = markOf(this.#files.map((file) => statSync(file)));
    } catch {
      // being replaced: the first look sees the new one
    }
  }

  /** @param intervalMs between two looks */
  start(intervalMs = INTERVAL_MS): void {
    this.#timer = setInterval(() => void this.#look(), intervalMs);
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

  /** Not synchronously: a disk that does not respond must hold no request. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const mark = markOf(await Promise.all(this.#files.map((file) => stat(file))));
      this.#isAway = false;
      if (mark === this.#seen) return;
      this.#seen = mark;
      this.reload();
    } catch (cause) {
      // Being replaced, perhaps: the next look sees the new one.
      if (this.#isAway) return;
      this.#isAway = true;
      const reason = cause instanceof Error ? cause.message : "error";
      this.#log.error({ reason }, "the certificate files cannot be looked at; the old certificate stays");
    } finally {
      this.#isLooking = false;
    }
  }
}

function markOf(stats: readonly { readonly mtimeMs: number }[]): string {
  return stats.map(({ mtimeMs }) => mtimeMs).join(" ");
}
