/**
 * `/graphql` over WebSocket (protocol graphql-transport-ws): the same schema, limits and error masking as over HTTP.
 * A socket is as good as what it was opened with: when the session ends, so does the socket.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "@latchkey/observe";
import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  subscribe,
  validate,
} from "graphql";
import { type Context, GRAPHQL_TRANSPORT_WS_PROTOCOL, type SubscribePayload } from "graphql-ws";
import { type Extra, useServer as serveSockets } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { RequestContext } from "../graphql/context.js";
import { classifyError, formatError } from "../graphql/format-error.js";
import { checkCost, checkDocument, type GraphqlLimits, isTooLarge, parseBounded } from "../graphql/limits.js";
import type { Principal } from "../principal.js";
import { refuseConnection } from "./raw-socket.js";
import { CSRF_HEADER, isSameOrigin, type RequestAuth } from "./request-auth.js";

const SOCKETS_MAX = 500;
const OPERATIONS_A_SOCKET_MAX = 50;
const MESSAGE_BYTES_MAX = 64 * 1024;
const KEEP_ALIVE_MS = 12_000;
const RECHECK_MS = 30_000;
/** A client that does not read is cut off before its answers fill the memory. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

export interface GraphqlSocketDeps {
  readonly schema: GraphQLSchema;
  readonly auth: RequestAuth;
  readonly limits: GraphqlLimits;
  readonly introspection: boolean;
  readonly logger: Logger;
  readonly createContext: (parts: Omit<RequestContext, "loaders" | "receipts">) => RequestContext;
}

interface Seat {
  readonly socket: WebSocket;
  readonly isStillGood: () => Promise<boolean>;
}

type SocketContext = Context<Readonly<Record<string, unknown>>, Extra & { principal?: Principal }>;

export class GraphqlSocket implements AsyncDisposable {
  readonly #deps: GraphqlSocketDeps;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  readonly #seats = new Set<Seat>();
  readonly #recheck: NodeJS.Timeout;
  readonly #ended: () => Promise<void> | void;
  #isClosed = false;

  constructor(deps: GraphqlSocketDeps) {
    this.#deps = deps;
    this.#recheck = setInterval(() => void this.#closeEnded(), RECHECK_MS);
    this.#recheck.unref();
    const { dispose } = serveSockets<Readonly<Record<string, unknown>>, { principal?: Principal }>(
      {
        schema: deps.schema,
        execute,
        subscribe,
        connectionInitWaitTimeout: 5_000,
        onConnect: (ctx) => this.#admit(ctx),
        onSubscribe: (ctx, id, payload) => this.#prepare(ctx, id, payload),
        onNext: (ctx, _id, _payload, _args, result) => {
          if (ctx.extra.socket.bufferedAmount > BUFFERED_BYTES_MAX) ctx.extra.socket.terminate();
          if (result.errors === undefined) return undefined;
          return { data: result.data ?? null, errors: this.#mask(result.errors) };
        },
        onError: (_ctx, _id, _payload, errors) => this.#mask(errors),
      },
      this.#sockets,
      KEEP_ALIVE_MS,
    );
    this.#ended = dispose;
  }

  /** Takes the connection over, or refuses it. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#isClosed) refuseConnection(socket, "503 Service Unavailable");
    else if (req.url?.split("?")[0] !== "/graphql") refuseConnection(socket, "404 Not Found");
    // A page of another origin could open a socket with the browser's cookie.
    else if (!isSameOrigin(req.headers)) refuseConnection(socket, "403 Forbidden");
    else if (this.#sockets.clients.size >= SOCKETS_MAX) refuseConnection(socket, "503 Service Unavailable");
    else this.#sockets.handleUpgrade(req, socket, head, (ws) => this.#sockets.emit("connection", ws, req));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#recheck);
    await this.#ended();
  }

  async #admit(ctx: SocketContext): Promise<boolean> {
    const { request, socket } = ctx.extra;
    const given = ctx.connectionParams ?? {};
    const authorization = text(given.authorization) ?? text(given.Authorization);
    const headers = authorization === undefined ? request.headers : { ...request.headers, authorization };
    const identify = () => this.#deps.auth.identify(headers, text(given[CSRF_HEADER]));
    const principal = await identify();
    if (principal === null) return false;
    ctx.extra.principal = principal;
    const seat: Seat = { socket, isStillGood: async () => (await identify()) !== null };
    this.#seats.add(seat);
    socket.once("close", () => this.#seats.delete(seat));
    return true;
  }

  async #closeEnded(): Promise<void> {
    for (const seat of this.#seats) {
      if (!(await seat.isStillGood().catch(() => true))) seat.socket.close(4403, "Forbidden");
    }
  }

  /** What Apollo does for HTTP: parse, limits, validation, cost. */
  #prepare(
    ctx: SocketContext,
    id: string,
    payload: SubscribePayload,
  ): ExecutionArgs | readonly GraphQLError[] {
    const { schema, limits, introspection, createContext } = this.#deps;
    const { principal } = ctx.extra;
    if (principal === undefined)
      return [new GraphQLError("Forbidden", { extensions: { code: "UNAUTHENTICATED" } })];
    if (Object.keys(ctx.subscriptions).length > OPERATIONS_A_SOCKET_MAX)
      return [tooMany(`A connection runs at most ${OPERATIONS_A_SOCKET_MAX} operations at once.`)];
    let document: DocumentNode;
    try {
      document = parseBounded(payload.query, limits);
    } catch (error) {
      if (isTooLarge(error)) return [error];
      if (error instanceof GraphQLError) return [withCode(error, "GRAPHQL_PARSE_FAILED")];
      throw error;
    }
    const refusal = checkDocument(document, limits);
    if (refusal !== null) return [refusal];
    const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const problems = validate(schema, document, rules);
    if (problems.length > 0) return problems.map((problem) => withCode(problem, "GRAPHQL_VALIDATION_FAILED"));
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return [withCode(new GraphQLError("Unknown operation."), "OPERATION_RESOLUTION_FAILURE")];
    const variables = payload.variables ?? {};
    const costly = checkCost({ schema, document, operation, variables }, limits);
    if (costly !== null) return [costly];
    return {
      schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: variables,
      contextValue: createContext({ principal, requestId: `ws-${id}` }),
    };
  }

  #mask(errors: readonly unknown[]): readonly GraphQLFormattedError[] {
    return errors.map((error) => {
      const graphqlError = error instanceof GraphQLError ? error : new GraphQLError(String(error));
      const { isPublic, original } = classifyError(graphqlError);
      if (!isPublic) this.#deps.logger.error({ err: original }, "an operation over WebSocket failed");
      return formatError(graphqlError.toJSON(), graphqlError);
    });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function tooMany(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "TOO_MANY_REQUESTS" } });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code },
  });
}
