/** `GET /apis/{id}/openapi.{json,yaml}`: the document as a download, with a token or a session. `?version=3.0|3.1`, `?key=<id>`. */
import { createHash } from "node:crypto";
import { contentDisposition } from "@latchkey/openapi";
import type { RequestAuth } from "../auth/request-auth.js";
import { HttpError, unauthenticated } from "../errors/http-error.js";
import type { DocumentService } from "../modules/api/document-service.js";
import type { Exchange } from "./exchange.js";

const TYPES = { json: "application/json; charset=utf-8", yaml: "application/yaml; charset=utf-8" } as const;

export class OpenApiHandler {
  readonly #documents: DocumentService;
  readonly #auth: RequestAuth;

  constructor(deps: { readonly documents: DocumentService; readonly auth: RequestAuth }) {
    this.#documents = deps.documents;
    this.#auth = deps.auth;
  }

  async handle(exchange: Exchange, apiId: string, format: "json" | "yaml"): Promise<void> {
    // A download is a link, which cannot carry a CSRF token; it changes nothing, and no other site can read it.
    if ((await this.#auth.identify(exchange.caller("openapi"), null)) === null) throw unauthenticated();
    const version = exchange.url.searchParams.get("version") ?? "3.0";
    if (version !== "3.0" && version !== "3.1")
      throw new HttpError(400, "BAD_REQUEST", "The version is 3.0 or 3.1.");
    const keyId = exchange.url.searchParams.get("key");
    const document = await this.#documents.document(apiId, version, format, keyId);
    if (document === null)
      throw new HttpError(
        404,
        "NOT_FOUND",
        keyId === null
          ? "There is no API with this id."
          : "There is no API with this id, or it has no such key.",
      );
    const etag = `"${createHash("sha256").update(document.text).digest("base64url").slice(0, 22)}"`;
    const headers = {
      "content-type": TYPES[format],
      "content-disposition": contentDisposition(document.title, format),
      "cache-control": "private, no-cache",
      etag,
    };
    if (matches(exchange.header("if-none-match"), etag)) {
      exchange.res.writeHead(304, headers);
      exchange.res.end();
    } else exchange.send(200, headers, document.text);
  }
}

/** Weak comparison of RFC 9110 section 13.1.2. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((one) => {
    const tag = one.trim().replace(/^W\//, "");
    return tag === "*" || tag === etag;
  });
}
