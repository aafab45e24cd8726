/**
 * `/graphql` over WebSocket (protocol graphql-transport-ws): the same schema, limits and error masking as over HTTP.
 * A socket is as good as what it was opened with: each operation looks its session up, and when that ends, so does the socket.
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
import {
  CloseCode,
  type Context,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
  type Server,
  type SubscribePayload,
} from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Principal } from "../auth/principal.js";
import { type Caller, CSRF_HEADER, type RequestAuth } from "../auth/request-auth.js";
import type { SessionCookie } from "../auth/session-cookie.js";
import { HttpError, upgradeLost } from "../errors/http-error.js";
import { classifyError, formatError } from "../graphql/format-error.js";
import { checkCost, checkDocument, type GraphqlLimits, isTooLarge, parseBounded } from "../graphql/limits.js";
import { checkVariables } from "../graphql/variables.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import type { SessionService } from "../modules/session/session-service.js";
import type { ClientAddresses } from "./client-address.js";
import { serveSocket } from "./graphql-transport.js";
import type { OriginPolicy } from "./origin-policy.js";
import { refuseConnection } from "./raw-socket.js";
import { requestIdOf } from "./request-id.js";
import { type SocketLimits, SocketSeats } from "./socket-seats.js";

const OPERATIONS_A_SOCKET_MAX = 50;
const MESSAGE_BYTES_MAX = 64 * 1024;
/** Ends what runs for a session that another control plane ended: one query for all sockets. */
const RECHECK_MS = 2_000;
/** For a client to respond to the end of its socket. */
const CLIENT_CLOSE_MS_MAX = 5_000;
/** The same when the server stops. */
const STOP_MS_MAX = 1_000;
/** In the range that WebSocket leaves to applications, after HTTP's 429. */
const TOO_MANY_REQUESTS = 4429;

export interface GraphqlSocketDeps {
  readonly schema: GraphQLSchema;
  readonly auth: RequestAuth;
  readonly sessions: SessionService;
  readonly cookie: SessionCookie;
  readonly origins: OriginPolicy;
  readonly addresses: ClientAddresses;
  readonly limits: GraphqlLimits & SocketLimits;
  readonly introspection: boolean;
  readonly logger: Logger;
  readonly createContext: (parts: Omit<RequestContext, "loaders" | "receipts">) => RequestContext;
}

const socketOptions = {
  noServer: true,
  maxPayload: MESSAGE_BYTES_MAX,
  perMessageDeflate: false,
  autoPong: false,
  // Not known to the types yet.
  closeTimeout: CLIENT_CLOSE_MS_MAX,
  handleProtocols: (protocols: ReadonlySet<string>): string | false =>
    protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
};

interface Extra {
  readonly socket: WebSocket;
  readonly caller: Caller;
  /** Whether the page may show a bearer token; the console's own may always show its session. */
  readonly isOriginAllowed: boolean;
  principal?: Principal;
}

type SocketContext = Context<Readonly<Record<string, unknown>>, Extra>;

export class GraphqlSocket implements AsyncDisposable {
  readonly #deps: GraphqlSocketDeps;
  readonly #sockets = new WebSocketServer(socketOptions);
  readonly #server: Server<Extra>;
  readonly #seats: SocketSeats;
  /** Sockets that were opened with a session, and its id. */
  readonly #sessions = new Map<WebSocket, string>();
  readonly #recheck: NodeJS.Timeout;
  #isClosed = false;
  #isChecking = false;
  #isUpgradeLossLogged = false;

  constructor(deps: GraphqlSocketDeps) {
    this.#deps = deps;
    this.#seats = new SocketSeats(deps.limits);
    this.#recheck = setInterval(() => void this.#closeEnded(), RECHECK_MS);
    this.#recheck.unref();
    deps.sessions.onEnded(() => void this.#closeEnded());
    this.#server = makeServer<Readonly<Record<string, unknown>>, Extra>({
      schema: deps.schema,
      execute,
      subscribe,
      onConnect: (ctx) => this.#admit(ctx),
      onSubscribe: async (ctx, id, payload) => (await this.#refusal(ctx)) ?? this.#prepare(ctx, id, payload),
      onNext: (_ctx, _id, _payload, _args, result) => {
        if (result.errors === undefined) return undefined;
        return { data: result.data ?? null, errors: this.#mask(result.errors) };
      },
      onError: (_ctx, _id, _payload, errors) => this.#mask(errors),
    });
  }

  /** Takes the connection over, or refuses it. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { auth, origins, cookie, addresses, logger } = this.#deps;
    const caller: Caller = { headers: req.headers, address: addresses.of(req), place: "live updates" };
    if (this.#isClosed) refuseConnection(socket, "503 Service Unavailable");
    else if (req.url?.split("?")[0] !== "/graphql") refuseConnection(socket, "404 Not Found");
    else {
      const isOriginAllowed = origins.isOwn(req) || origins.isCors(req);
      // Some browsers do not say for a WebSocket that it is the console's own page, and a proxy may have rewritten Host.
      // Then the page must know the CSRF token of a session, as only the console's own page can.
      if (!isOriginAllowed && cookie.read(req.headers) === null) {
        auth.refused(caller, "origin");
        refuseConnection(socket, "403 Forbidden", { body: origins.refusal(req).body });
        return;
      }
      this.#sockets.handleUpgrade(req, socket, head, (ws) => {
        this.#seats.admit(ws, caller.address);
        serveSocket(ws, {
          server: this.#server,
          extra: { socket: ws, caller, isOriginAllowed },
          isAuthenticated: () => this.#seats.isAuthenticated(ws),
          onError: (error) => logger.error({ err: error }, "a message over WebSocket failed"),
        });
      });
    }
  }

  /** Of a handshake that came as an ordinary request. Browsers show its sender no more than "failed": the log has it once. */
  upgradeLost(): HttpError {
    const error = upgradeLost();
    if (!this.#isUpgradeLossLogged) this.#deps.logger.warn(`live updates fail: ${error.message}`);
    this.#isUpgradeLossLogged = true;
    return error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#recheck);
    const closed = new Promise((resolve) => this.#sockets.close(resolve));
    for (const socket of this.#seats.sockets) socket.close(1001, "Going away");
    const cut = setTimeout(() => {
      for (const socket of this.#seats.sockets) socket.terminate();
    }, STOP_MS_MAX);
    await closed;
    clearTimeout(cut);
  }

  async #admit(ctx: SocketContext): Promise<boolean> {
    const { socket, caller, isOriginAllowed } = ctx.extra;
    const { auth } = this.#deps;
    const given = ctx.connectionParams ?? {};
    const authorization = text(given.authorization) ?? text(given.Authorization);
    const headers = authorization === undefined ? caller.headers : { ...caller.headers, authorization };
    let principal: Principal | null;
    try {
      principal = await auth.identify({ ...caller, headers }, text(given[CSRF_HEADER]));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      socket.close(TOO_MANY_REQUESTS, error.message);
      return false;
    }
    if (principal === null) return false;
    if (!isOriginAllowed && principal.via !== "session") {
      auth.refused(caller, "origin");
      return false;
    }
    if (!this.#seats.authenticate(socket)) {
      socket.close(TOO_MANY_REQUESTS, "Too many live connections are open");
      return false;
    }
    ctx.extra.principal = principal;
    if (principal.sessionId !== undefined) {
      this.#sessions.set(socket, principal.sessionId);
      socket.once("close", () => this.#sessions.delete(socket));
    }
    return true;
  }

  /** A database that cannot be read now ends no session; one that is slow has one query of this kind, not one more every 2 s. */
  async #closeEnded(): Promise<void> {
    if (this.#sessions.size === 0 || this.#isChecking) return;
    this.#isChecking = true;
    try {
      const valid = await this.#deps.sessions.validIds([...new Set(this.#sessions.values())]);
      for (const [socket, id] of this.#sessions)
        if (!valid.has(id)) socket.close(CloseCode.Forbidden, "Forbidden");
    } catch (error) {
      this.#deps.logger.warn({ err: error }, "sessions of live connections cannot be checked");
    } finally {
      this.#isChecking = false;
    }
  }

  /** Why the socket may begin no operation now. A session is looked up as for a request over HTTP. */
  async #refusal({ extra, subscriptions }: SocketContext): Promise<readonly GraphQLError[] | null> {
    if (Object.keys(subscriptions).length > OPERATIONS_A_SOCKET_MAX)
      return [tooMany(`A connection runs at most ${OPERATIONS_A_SOCKET_MAX} operations at once.`)];
    const sessionId = extra.principal?.sessionId;
    if (sessionId === undefined) return null;
    try {
      if ((await this.#deps.sessions.validIds([sessionId])).has(sessionId)) return null;
    } catch (error) {
      this.#deps.logger.error({ err: error }, "the session of an operation over WebSocket cannot be checked");
      const { message, extensions } = formatError({ message: "" }, error);
      return [new GraphQLError(message, { extensions: extensions ?? null })];
    }
    extra.socket.close(CloseCode.Forbidden, "Forbidden");
    return [forbidden()];
  }

  /** What Apollo does for HTTP: parse, limits, validation, cost. */
  #prepare(
    ctx: SocketContext,
    id: string,
    payload: SubscribePayload,
  ): ExecutionArgs | readonly GraphQLError[] {
    const { schema, limits, introspection, createContext } = this.#deps;
    const { principal } = ctx.extra;
    if (principal === undefined) return [forbidden()];
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
    const hideSuggestions = !introspection;
    const problems = validate(schema, document, rules, { hideSuggestions });
    if (problems.length > 0) return problems.map((problem) => withCode(problem, "GRAPHQL_VALIDATION_FAILED"));
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return [withCode(new GraphQLError("Unknown operation."), "OPERATION_RESOLUTION_FAILURE")];
    const variables = payload.variables ?? {};
    const refused =
      checkCost({ schema, document, operation, variables }, limits) ??
      checkVariables({ schema, operation, variables, hideSuggestions });
    if (refused !== null) return [refused];
    return {
      hideSuggestions,
      schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: variables,
      contextValue: createContext({ principal, requestId: requestIdOf(`ws-${id}`) }),
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

function forbidden(): GraphQLError {
  return new GraphQLError("Forbidden", { extensions: { code: "UNAUTHENTICATED" } });
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
