/**
 * The listening socket of uWebSockets.js. The library takes every connection and tells of it only when it has a request, so that
 * silent ones would take all file descriptors of the process. The socket is closed while few are left: the system refuses new
 * clients, those that are connected are served, and the library closes silent ones after 10 s.
 */
import { closeSync, openSync, readdirSync } from "node:fs";
import { devNull } from "node:os";
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import type { UwsApp, UwsListenSocket, UwsModule } from "./uws-types.js";

/** A crowd makes some hundred connections in this time. */
const LOOK_MS = 20;
/** All descriptors are counted no more often than this: some thousand take a millisecond. */
const COUNT_MS = 250;
/** Of the time, counting takes one part in so many. */
const COUNT_SHARE = 100;
/** Of the descriptors: the rest is for connections to integrations, files and the admin port. */
const CLOSED_ABOVE = 3 / 4;
const OPENED_BELOW = 1 / 2;

export interface UwsListenerOptions {
  readonly uws: UwsModule;
  readonly app: UwsApp;
  /** Other processes listen on the same port. */
  readonly sharesPort: boolean;
  /** That this process may have open; null: not known, nothing is closed. */
  readonly descriptorsMax: number | null;
  /** The socket is closed for want of descriptors. */
  readonly onFull: () => void;
}

export class UwsListener {
  readonly #options: UwsListenerOptions;
  #socket: UwsListenSocket | null = null;
  #looking: NodeJS.Timeout | null = null;
  /** When they were counted last. */
  #counted = 0;
  #countAtMs = 0;

  constructor(options: UwsListenerOptions) {
    this.#options = options;
  }

  /** @returns the port, also where `port` is 0. @throws an error with the code EADDRINUSE */
  async listen(host: string, port: number): Promise<number> {
    let own = await this.#open(host, port);
    if (port === 0) {
      // The library lets a port be listened on again, beside connections to it, only if it was named.
      this.#closeSocket();
      own = await this.#open(host, own);
    }
    const max = this.#options.descriptorsMax;
    if (max !== null) this.#looking = setInterval(() => void this.#look(host, own, max), LOOK_MS).unref();
    return own;
  }

  close(): void {
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
    this.#closeSocket();
  }

  #open(host: string, port: number): Promise<number> {
    const { uws, app, sharesPort } = this.#options;
    const mode = sharesPort ? 0 : uws.LIBUS_LISTEN_EXCLUSIVE_PORT; // 0: SO_REUSEPORT
    return new Promise((resolve, reject) => {
      app.listen(host, port, mode, (socket) => {
        if (socket === false) {
          // uWebSockets.js does not say why; a taken port is nearly always it.
          reject(Object.assign(new Error(`cannot listen on ${host}:${port}`), { code: "EADDRINUSE", port }));
          return;
        }
        this.#socket = socket;
        resolve(uws.us_socket_local_port(socket));
      });
    });
  }

  #closeSocket(): void {
    if (this.#socket !== null) this.#options.uws.us_listen_socket_close(this.#socket);
    this.#socket = null;
  }

  async #look(host: string, port: number, max: number): Promise<void> {
    const isCounted = this.#count();
    if (this.#socket !== null) {
      // A crowd that only grows shows at once in the lowest free number. One of which some leave makes holes below it.
      if (Math.max(this.#counted, lowestFreeDescriptor()) <= max * CLOSED_ABOVE) return;
      this.#closeSocket();
      this.#options.onFull();
    } else if (isCounted && this.#counted < max * OPENED_BELOW) {
      // Where another process has taken the port meanwhile, the next look tries again.
      await this.#open(host, port).catch(() => undefined);
    }
  }

  /** @returns whether it was time to */
  #count(): boolean {
    const nowMs = performance.now();
    if (nowMs < this.#countAtMs) return false;
    this.#counted = countedDescriptors();
    const tookMs = performance.now() - nowMs;
    this.#countAtMs = nowMs + Math.max(COUNT_MS, tookMs * COUNT_SHARE);
    return true;
  }
}

/** At least so many are open: a new one gets the lowest number that is free (POSIX, open()). */
function lowestFreeDescriptor(): number {
  try {
    const descriptor = openSync(devNull, "r");
    closeSync(descriptor);
    return descriptor;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function countedDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
