/**
 * express-openapi-validator behind a real HTTP server: says of a request whether its document takes it, or of a response
 * whether its document has it.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type NextFunction, type Request, type Response } from "express";
import { middleware } from "express-openapi-validator";
import { isJson, type Json } from "./document-operations.js";

/** Of a request whose body, in base64, says which response to make. */
export const RESPONSE_HEADER = "x-response";

export interface IndependentOptions {
  /** Responses are checked, and requests are not. */
  readonly validateResponses?: boolean;
}

export class IndependentValidator implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    document: Json,
    { validateResponses = false }: IndependentOptions = {},
  ): Promise<IndependentValidator> {
    const app = express();
    const isJsonType = (req: { headers: { readonly "content-type"?: string } }) =>
      /^application\/(?:json|[^;]*\+json)/i.test(req.headers["content-type"] ?? "");
    app.use(express.json({ strict: false, limit: "4mb", type: isJsonType as never }));
    app.use(express.urlencoded({ extended: false }));
    app.use(express.text({ type: "text/*", limit: "4mb" }));
    app.use(
      middleware({
        apiSpec: inDialect(document) as never,
        validateApiSpec: false,
        validateRequests: validateResponses ? false : { allowUnknownQueryParameters: true, allErrors: false },
        validateResponses,
        validateSecurity: false,
      }),
    );
    app.use((req: Request, res: Response) => {
      if (req.headers[RESPONSE_HEADER] === undefined) return void res.status(200).json({ taken: true });
      const told = JSON.parse(Buffer.from(String(req.body), "base64").toString()) as {
        readonly status: number;
        readonly contentType: string;
        readonly body: string;
      };
      res.status(told.status).setHeader("content-type", told.contentType);
      res.json(JSON.parse(told.body));
    });
    app.use(
      (error: { status?: number; message?: string }, _req: Request, res: Response, _next: NextFunction) => {
        res.setHeader("x-refused", encodeURIComponent((error.message ?? "").slice(0, 1_000)));
        res.status(error.status ?? 500).end(JSON.stringify({ taken: false, message: error.message }));
      },
    );
    const server = createServer(app);
    // The other validator compiles for seconds, in this thread: nobody is slow or idle meanwhile.
    server.keepAliveTimeout = 0;
    server.headersTimeout = 0;
    server.requestTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new IndependentValidator(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * Pydantic 1 writes `exclusiveMinimum` and `exclusiveMaximum` of later drafts into documents of OpenAPI 3.0, which the other
 * one cannot compile: as 3.0 writes them.
 */
function inDialect(document: Json): unknown {
  if (!String(document.openapi).startsWith("3.0")) return structuredClone(document);
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isJson(value)) return value;
    const { exclusiveMinimum, exclusiveMaximum } = value;
    return {
      ...Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)])),
      ...(typeof exclusiveMinimum === "number" && { minimum: exclusiveMinimum, exclusiveMinimum: true }),
      ...(typeof exclusiveMaximum === "number" && { maximum: exclusiveMaximum, exclusiveMaximum: true }),
    };
  };
  return visit(document);
}
