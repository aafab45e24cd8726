/**
 * The connection to the Redis or Valkey server that counts for all nodes. Comes back by itself, asks nothing while it is
 * away, and keeps no request waiting for it. Never logs the URL: it may hold a password.
 */
import type { LookupFunction } from "node:net";
import type { RedisClientType } from "@redis/client";
import type { LimitCounter, LimitVerdict } from "./limit-counter.js";
import { LIMIT_SCRIPT, LIMIT_SCRIPT_SHA1, limitArguments, readVerdict } from "./limit-script.js";
import type { RequestLimits, SharedCount } from "./rate-limiter.js";

const CONNECT_TIMEOUT_MS = 3_000;
/** A server that replies to nothing, not even a ping, for this long is left and connected to anew. */
const SILENCE_MS = 10_000;
const PING_MS = 4_000;
const RECONNECT_MS_MAX = 2_000;
/** The listener does not wait longer than this for the first connection. */
const FIRST_CONNECTION_MS = 2_000;

export class LimitServer implements LimitCounter {
  readonly #url: string;
  readonly #prefix: string;
  readonly #lookup: LookupFunction;
  readonly #onError: (error: Error) => void;
  #client: RedisClientType | null = null;

  /**
   * @param prefix in front of the names of the server's keys
   * @param lookup finds the addresses of the server's host
   * @param onError called with each failed connection
   */
  constructor(url: string, prefix: string, lookup: LookupFunction, onError: (error: Error) => void) {
    this.#url = url;
    this.#prefix = prefix;
    this.#lookup = lookup;
    this.#onError = onError;
  }

  get isConnected(): boolean {
    return this.#client?.isReady === true;
  }

  async start(): Promise<void> {
    const { createClient } = await import("@redis/client"); // 20 MB and some 100 ms: only for those who want it
    const client = createClient({
      url: this.#url,
      RESP: 2, // all that is needed, and every server speaks it
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: "disabled",
      pingInterval: PING_MS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        lookup: this.#lookup,
        socketTimeout: SILENCE_MS,
        reconnectStrategy: (retries) =>
          Math.min(RECONNECT_MS_MAX, 50 * 2 ** retries) * (0.5 + Math.random() / 2),
      },
    }) as unknown as RedisClientType;
    client.on("error", this.#onError);
    this.#client = client;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_CONNECTION_MS);
    });
    const connected = client.connect().then(
      () => undefined,
      (error: unknown) => this.#onError(error as Error),
    );
    await Promise.race([connected, late]);
    clearTimeout(timer);
  }

  /** One after the other: a cluster keeps them on different servers, so what is asked before a refusal has counted. */
  async count(limits: readonly RequestLimits[]): Promise<LimitVerdict> {
    const counts: SharedCount[] = [];
    for (const each of limits) {
      const verdict = readVerdict(each.owner, await this.#run(limitArguments(this.#prefix, each)));
      counts.push(verdict.count);
      if (verdict.refusedBy !== null) return { refusedBy: verdict.refusedBy, waitMs: verdict.waitMs, counts };
    }
    return { refusedBy: null, waitMs: 0, counts };
  }

  async #run(args: readonly string[]): Promise<unknown> {
    const client = this.#client;
    if (client === null) throw new Error("not connected");
    try {
      return await client.sendCommand(["EVALSHA", LIMIT_SCRIPT_SHA1, "2", ...args]);
    } catch (error) {
      if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
      return await client.sendCommand(["EVAL", LIMIT_SCRIPT, "2", ...args]);
    }
  }

  stop(): void {
    this.#client?.destroy();
    this.#client = null;
  }
}
