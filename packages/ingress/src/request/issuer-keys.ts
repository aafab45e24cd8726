/**
 * Fetches the issuer's keys (JWKS) for `jose`, which caches them. Bounded in time and bytes; a failure is remembered, so that
 * requests do not wait for an issuer that is away one after the other. Resolves names outside Node's thread pool.
 */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "@latchkey/core";
import { responseTo } from "@latchkey/observe";

/** Issuers publish a handful of keys. */
const KEYS_BYTES_MAX = 1024 * 1024;
/** After a failure no request is sent for this long. */
const FAILURE_MS = 2_000;

interface FetchOptions {
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

export class IssuerKeys {
  readonly #lookup: LookupFunction;
  readonly #clock: Clock;
  #error: Error | null = null;
  #errorUntilMs = 0;

  constructor(lookup: LookupFunction, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** For `createRemoteJWKSet`. Follows no redirects. */
  readonly fetch = async (url: string, options: FetchOptions): Promise<Response> => {
    if (this.#error !== null && this.#clock.monotonicMs() < this.#errorUntilMs) throw this.#error;
    try {
      const response = await this.#get(new URL(url), options);
      this.#error = null;
      return response;
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#errorUntilMs = this.#clock.monotonicMs() + FAILURE_MS;
      throw error;
    }
  };

  async #get(url: URL, { headers, signal }: FetchOptions): Promise<Response> {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const settings = {
      headers: Object.fromEntries(headers),
      signal,
      lookup: this.#lookup,
      agent: false, // the keys are asked for every few minutes
    };
    const outgoing = send(url, settings);
    const response = responseTo(outgoing);
    outgoing.end();
    const incoming = await response;
    if (incoming.statusCode !== 200) {
      incoming.destroy();
      throw new Error(`the issuer responds with ${incoming.statusCode} instead of its keys`);
    }
    return new Response(await bodyOf(incoming));
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > KEYS_BYTES_MAX) throw new Error(`the issuer's keys are larger than ${KEYS_BYTES_MAX} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
