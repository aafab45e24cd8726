/**
 * One WebSocket of the protocol graphql-transport-ws between `ws` and graphql-ws. Until the client has authenticated it
 * takes a single message, `connection_init`, and sends nothing but the response to it: what a stranger makes the server
 * hold is bounded by one message.
 */
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Server } from "graphql-ws";
import type { RawData, WebSocket } from "ws";

/** For `connection_init` to come. */
const INIT_MS_MAX = 3_000;
const KEEP_ALIVE_MS = 12_000;
/** A client that does not read is cut off before its responses fill the memory. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

export interface TransportHooks<E> {
  readonly server: Server<E>;
  readonly extra: E;
  readonly isAuthenticated: () => boolean;
  readonly onError: (error: unknown) => void;
}

type State = "new" | "authenticating" | "open";

/** Serves the socket until it closes. */
export function serveSocket<E>(socket: WebSocket, hooks: TransportHooks<E>): void {
  // `ws` closes the connection by itself.
  socket.on("error", () => {});
  if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    socket.close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
    return;
  }
  let state: State = "new";
  let receive: (message: string) => Promise<void> = async () => {};
  const closed = hooks.server.opened(
    {
      protocol: socket.protocol,
      send: (message) => send(socket, message),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (listener) => {
        receive = listener;
      },
    },
    hooks.extra,
  );
  const initTimer = setTimeout(() => {
    if (state === "new")
      socket.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout");
  }, INIT_MS_MAX);
  const stopKeepAlive = keepAlive(socket, () => state === "open");

  const pass = (message: string): Promise<void> =>
    receive(message).catch((error: unknown) => {
      hooks.onError(error);
      socket.close(CloseCode.InternalServerError, "Internal server error");
    });
  socket.on("message", (data) => {
    const message = textOf(data);
    if (state === "open") {
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
      else void pass(message);
      return;
    }
    if (state !== "new" || !isInit(message)) {
      socket.close(CloseCode.Unauthorized, "Unauthorized");
      return;
    }
    state = "authenticating";
    // Nothing more is read before the client is known.
    socket.pause();
    void pass(message).then(() => {
      if (hooks.isAuthenticated()) state = "open";
      socket.resume();
    });
  });
  socket.on("ping", (data) => {
    if (state !== "open" || socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
    else socket.pong(data);
  });
  socket.once("close", (code, reason) => {
    clearTimeout(initTimer);
    stopKeepAlive();
    void closed(code, String(reason));
  });
}

function send(socket: WebSocket, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else if (socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      socket.terminate();
      resolve();
    } else socket.send(message, (error) => (error ? reject(error) : resolve()));
  });
}

/** Ends a socket whose client is gone without a word. */
function keepAlive(socket: WebSocket, isOpen: () => boolean): () => void {
  let isAlive = true;
  socket.on("pong", () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isOpen()) return;
    if (!isAlive) socket.terminate();
    isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}

function isInit(message: string): boolean {
  try {
    return (JSON.parse(message) as { readonly type?: unknown } | null)?.type === "connection_init";
  } catch {
    return false;
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
