/** Results of a GraphQL subscription, over WebSocket. Ends with an error when the control plane no longer responds. */
import type { Client } from "graphql-ws";
import type WebSocket from "ws";
import type { Context } from "./contexts.js";
import { RESPONSE_TIMEOUT_MS, timeoutError } from "./response-timeout.js";

/** The control plane responds to each ping, so that a stream without requests has messages too. */
const PING_INTERVAL_MS = 10_000;

export class GraphqlStream {
  readonly #address: Context;
  readonly #client: Client;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the newest connection was accepted. */
  #isConnected = false;
  /** Whether any connection was. */
  #wasConnected = false;
  /** Whether the newest connection was given up because nothing came. */
  #isSilent = false;

  private constructor(
    address: Context,
    createClient: typeof import("graphql-ws").createClient,
    Socket: typeof WebSocket,
  ) {
    const keep = (socket: WebSocket): void => {
      this.#socket = socket;
    };
    this.#address = address;
    this.#client = createClient({
      url: address.url.replace(/^http/, "ws"),
      webSocketImpl: class extends Socket {
        constructor(url: string, protocol: string) {
          super(url, protocol);
          keep(this);
        }
      },
      connectionParams: { authorization: `Bearer ${address.token}` },
      keepAlive: PING_INTERVAL_MS,
      // A stream that was lost begins again.
      shouldRetry: () => this.#isConnected,
      on: {
        connecting: () => {
          this.#isConnected = false;
          this.#isSilent = false;
          this.#expectResponse();
        },
        connected: () => {
          this.#isConnected = true;
          this.#wasConnected = true;
        },
        // Among them one for each ping.
        message: () => this.#expectResponse(),
      },
    });
  }

  static async open(address: Context): Promise<GraphqlStream> {
    const [{ createClient }, { default: Socket }] = await Promise.all([import("graphql-ws"), import("ws")]);
    return new GraphqlStream(address, createClient, Socket);
  }

  /** @param onStop gets a function that ends the stream */
  async *results<T>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    onStop: (stop: () => void) => void,
  ): AsyncGenerator<T> {
    const results = this.#client.iterate<T>({ query, variables });
    onStop(() => void results.return?.());
    try {
      for await (const { data, errors } of results) {
        if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join("; "));
        if (data !== null && data !== undefined) yield data;
      }
    } catch (error) {
      const reason = this.#isSilent ? timeoutError(RESPONSE_TIMEOUT_MS).message : reasonOf(error);
      const { url } = this.#address;
      const text = this.#wasConnected
        ? `the control plane at ${url} ended the stream: ${reason}`
        : `no response from the control plane at ${url}: ${reason}`;
      throw new Error(text, { cause: error });
    } finally {
      clearTimeout(this.#timer);
      await this.#client.dispose();
    }
  }

  #expectResponse(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isSilent = true;
      this.#socket?.terminate();
    }, RESPONSE_TIMEOUT_MS);
  }
}

/** graphql-ws rejects with an event of the socket: that it was closed, or that it has failed. */
function reasonOf(error: unknown): string {
  const { code, reason, message } = (error ?? {}) as {
    readonly code?: number;
    readonly reason?: string;
    readonly message?: string;
  };
  return message || reason || (code === undefined ? "no connection" : `closed with ${code}`);
}
