/** The web console at `/`: its files, and its start page for every address that is a view of it. */

import { HttpError } from "../errors/http-error.js";
import type { Exchange } from "./exchange.js";
import { PAGE_POLICY } from "./security-headers.js";
import type { StaticFiles } from "./static-files.js";

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Latchkey</title></head>
<body><h1>Latchkey</h1>
<p>The control plane runs. The console's files are not here: build them with <code>npm run build</code>, then start again.</p>
<p>GraphQL is at <a href="/graphql">/graphql</a>.</p></body></html>
`;

export class ConsoleHandler {
  readonly #files: StaticFiles;

  constructor(files: StaticFiles) {
    this.#files = files;
  }

  handle(exchange: Exchange): void {
    if (exchange.method !== "GET" && exchange.method !== "HEAD") throw notFound();
    const path = exchange.url.pathname.slice(1);
    if (path !== "" && this.#files.serve(exchange, path)) return;
    // A missing script must not turn into a page, or the browser would try to run it.
    const isView = exchange.wantsHtml && !/\.[a-z0-9]+$/i.test(path);
    if (path !== "" && !isView) throw notFound();
    if (this.#files.serve(exchange, "index.html")) return;
    exchange.send(
      200,
      {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": PAGE_POLICY,
        "cache-control": "no-store",
      },
      NOT_BUILT,
    );
  }
}

function notFound(): HttpError {
  return new HttpError(404, "NOT_FOUND", "There is nothing here.");
}
