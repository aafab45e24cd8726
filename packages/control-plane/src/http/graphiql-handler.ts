/** GraphiQL for browsers at `/graphql`, from files of this installation. Signing in happens in the page. */

import { HttpError } from "../errors/http-error.js";
import type { Exchange } from "./exchange.js";
import type { StaticFiles } from "./static-files.js";

export class GraphiqlHandler {
  readonly #files: StaticFiles;
  readonly #enabled: boolean;

  constructor(options: { readonly files: StaticFiles; readonly enabled: boolean }) {
    this.#files = options.files;
    this.#enabled = options.enabled;
  }

  page(exchange: Exchange): void {
    if (this.#enabled && this.#files.serve(exchange, "index.html")) return;
    exchange.send(
      200,
      { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      "This is Latchkey's GraphQL endpoint: POST your operations here with an Authorization header.\nGraphiQL is switched off, or its files were not built.\n",
    );
  }

  file(exchange: Exchange, name: string): void {
    if (!this.#enabled || !this.#files.serve(exchange, `graphiql/${name}`))
      throw new HttpError(404, "NOT_FOUND", "There is nothing here.");
  }
}
