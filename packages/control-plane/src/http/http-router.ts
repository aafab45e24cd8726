/** Method and path to handler, for the few paths there are. Paths are literal, or `/prefix/{name}/suffix`. */

import { HttpError } from "../errors/http-error.js";
import type { Exchange } from "./exchange.js";

export type PathParameters = Readonly<Record<string, string>>;
export type Handler = (exchange: Exchange, parameters: PathParameters) => Promise<void> | void;

interface Entry {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

export class HttpRouter {
  readonly #entries: Entry[] = [];
  #fallback: Handler = () => {
    throw new HttpError(404, "NOT_FOUND", "There is nothing here.");
  };

  on(method: string, path: string, handler: Handler): this {
    this.#entries.push({ method, segments: path.split("/"), handler });
    return this;
  }

  /** For everything else. */
  otherwise(handler: Handler): this {
    this.#fallback = handler;
    return this;
  }

  /** @throws HttpError 405 when the path is known and the method is not */
  async handle(exchange: Exchange): Promise<void> {
    const segments = exchange.url.pathname.split("/");
    const allowed: string[] = [];
    for (const entry of this.#entries) {
      const parameters = match(entry.segments, segments);
      if (parameters === null) continue;
      if (entry.method === exchange.method || (entry.method === "GET" && exchange.method === "HEAD"))
        return entry.handler(exchange, parameters);
      allowed.push(entry.method);
    }
    if (allowed.length > 0)
      throw new HttpError(405, "METHOD_NOT_ALLOWED", "This method is not offered here.", {
        allow: allowed.join(", "),
      });
    return this.#fallback(exchange, {});
  }
}

function match(pattern: readonly string[], path: readonly string[]): PathParameters | null {
  if (pattern.length !== path.length) return null;
  const parameters: Record<string, string> = {};
  for (const [i, want] of pattern.entries()) {
    const got = path[i] ?? "";
    if (want.startsWith("{") && got !== "") parameters[want.slice(1, -1)] = got;
    else if (want !== got) return null;
  }
  return parameters;
}
