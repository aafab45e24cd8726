/** express-openapi-validator behind a real HTTP server: says of a request whether its document takes it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type NextFunction, type Request, type Response } from "express";
import { middleware } from "express-openapi-validator";
import type { Json } from "./document-operations.js";

export class IndependentValidator implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(document: Json): Promise<IndependentValidator> {
    const app = express();
    const isJsonType = (req: { headers: { readonly "content-type"?: string } }) =>
      /^application\/(?:json|[^;]*\+json)/i.test(req.headers["content-type"] ?? "");
    app.use(express.json({ strict: false, limit: "4mb", type: isJsonType as never }));
    app.use(express.urlencoded({ extended: false }));
    app.use(express.text({ type: "text/*" }));
    app.use(
      middleware({
        apiSpec: structuredClone(document) as never,
        validateApiSpec: false,
        validateRequests: { allowUnknownQueryParameters: true, allErrors: false },
        validateResponses: false,
        validateSecurity: false,
      }),
    );
    app.use((_req: Request, res: Response) => void res.status(200).json({ taken: true }));
    app.use(
      (error: { status?: number; message?: string }, _req: Request, res: Response, _next: NextFunction) => {
        res.status(error.status ?? 500).json({ taken: false, message: error.message });
      },
    );
    const server = createServer(app);
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
