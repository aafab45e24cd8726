/**
 * The console's GraphQL client: queries and changes over fetch with the session cookie and the CSRF header,
 * subscriptions over one WebSocket. Results are cached by document; a change drops what its types touch.
 */
import {
  Client,
  cacheExchange,
  fetchExchange,
  type OperationContext,
  subscriptionExchange,
} from "@urql/core";
import { refocusExchange } from "@urql/exchange-refocus";
import { createClient as createSocketClient } from "graphql-ws";
import { csrfHeaders, verifySession } from "../session/session-store.js";
import { markConnected } from "./connection.js";
import { sessionExchange } from "./session-exchange.js";

const RETRY_MS_MAX = 10_000;
/** Close code of the GraphQL socket for a session that is not, or no longer, good. */
const FORBIDDEN = 4403;

function socketUrl(): string {
  const url = new URL("/graphql", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function fetchOptions(headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { credentials: "same-origin", headers: { ...csrfHeaders(), ...headers } };
}

/** A creation that is sent again with the same key is not made twice. */
export function idempotent(key: string): Partial<OperationContext> {
  return { fetchOptions: () => fetchOptions({ "idempotency-key": key }) };
}

/** Also where the page does not come over HTTPS, and `randomUUID` is missing. */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** A client for one session: signing out throws it away with all that it cached. */
export function createGraphqlClient(): { readonly client: Client; readonly dispose: () => void } {
  const socket = createSocketClient({
    url: socketUrl(),
    lazy: true,
    keepAlive: 15_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async (retries) => {
      const waitMs = Math.min(RETRY_MS_MAX, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
    shouldRetry: () => true,
    connectionParams: () => csrfHeaders(),
    on: {
      connected: () => markConnected(true),
      closed: (event) => {
        markConnected(false);
        if ((event as CloseEvent).code === FORBIDDEN) void verifySession();
      },
    },
  });
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetchOptions: () => fetchOptions(),
    exchanges: [
      refocusExchange(),
      sessionExchange,
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: request.query ?? "", variables: request.variables as Record<string, unknown> },
              sink as Parameters<typeof socket.subscribe>[1],
            ),
          }),
        }),
      }),
    ],
  });
  return { client, dispose: () => void socket.dispose() };
}
