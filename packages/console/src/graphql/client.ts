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
import { retryExchange } from "@urql/exchange-retry";
import { createClient as createSocketClient } from "graphql-ws";
import { csrfHeaders, verifySession } from "../session/session-store.js";
import { setClock } from "../ui/clock.js";
import { markCause, markConnected, markLost } from "./connection.js";
import { PageRefresh } from "./refresh-exchange.js";
import { sessionExchange } from "./session-exchange.js";

const RETRY_MS_MAX = 4_000;
/** A dead control plane, or a network that drops everything, is noticed after the two together. */
const HEARTBEAT_MS = 1_500;
const HEARTBEAT_WAIT_MS = 1_200;
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

async function fetchAndSetClock(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  setClock(response.headers.get("date"));
  return response;
}

/** Browsers do not tell why a WebSocket could not be opened. */
async function respondsOverHttp(): Promise<boolean> {
  const response = await fetch("/session", fetchOptions({ accept: "application/json" })).catch(() => null);
  return response !== null && response.status < 500;
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

const refreshes = new WeakMap<Client, PageRefresh>();

/** Reads again what the page shows. */
export function refreshPage(client: Client): void {
  refreshes.get(client)?.request();
}

/** A client for one session: signing out throws it away with all that it cached. */
export function createGraphqlClient(): { readonly client: Client; readonly dispose: () => void } {
  let silence: ReturnType<typeof setTimeout> | undefined;
  let wasOpened = false;
  const refresh = new PageRefresh();
  const socket = createSocketClient({
    url: socketUrl(),
    lazy: true,
    keepAlive: HEARTBEAT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async (retries) => {
      const waitMs = Math.min(RETRY_MS_MAX, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
    shouldRetry: () => true,
    connectionParams: () => csrfHeaders(),
    on: {
      ping: (isReceived) => {
        if (!isReceived) silence = setTimeout(() => socket.terminate(), HEARTBEAT_WAIT_MS);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(silence);
      },
      opened: () => {
        wasOpened = true;
      },
      connected: (_socket, _payload, wasRetrying) => {
        markConnected();
        if (wasRetrying) refresh.request();
      },
      closed: (event) => {
        clearTimeout(silence);
        if (wasOpened) markLost();
        else void respondsOverHttp().then((responds) => markCause(responds ? "blocked" : "lost"));
        wasOpened = false;
        if ((event as CloseEvent).code === FORBIDDEN) void verifySession();
      },
    },
  });
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetch: fetchAndSetClock,
    fetchOptions: () => fetchOptions(),
    exchanges: [
      refocusExchange(),
      sessionExchange,
      refresh.exchange,
      cacheExchange,
      // Changes are not repeated: the form that sent one decides.
      retryExchange({
        initialDelayMs: 300,
        maxDelayMs: RETRY_MS_MAX,
        maxNumberAttempts: 3,
        retryIf: (error, { kind }) => kind === "query" && error.networkError !== undefined,
      }),
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
  refreshes.set(client, refresh);
  const dispose = () => {
    refresh.stop();
    void socket.dispose();
  };
  return { client, dispose };
}
