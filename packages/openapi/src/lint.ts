/** What the owner of an Api should know about its document before it goes out. Warns; refuses nothing. */
import { emit } from "./emit.js";
import { isArray, isObject, type JsonObject } from "./json.js";
import type { LintWarning } from "./lint-warning.js";
import type { ApiModel } from "./read-model.js";
import { type OpenApiDocument, type OpenApiOptions, toOpenApiWithWarnings } from "./to-openapi.js";

/** Azure API Management takes documents up to "4 MB"; counted in the smaller of its two meanings. */
export const IMPORT_BYTES_MAX = 4_000_000;

/** Azure's limit for an API's URL. */
const URL_CHARS_MAX = 128;

/** A document with every warning about it, in a stable order. */
export function lint(
  model: ApiModel,
  options: OpenApiOptions,
): { readonly document: OpenApiDocument; readonly warnings: readonly LintWarning[] } {
  const { document, warnings } = toOpenApiWithWarnings(model, options);
  return { document, warnings: [...lintDocument(document), ...warnings] };
}

/** What can be said from the document alone: its size, counted as JSON, and the length of its server's URL. */
export function lintDocument(document: JsonObject): readonly LintWarning[] {
  const warnings: LintWarning[] = [];
  const bytes = Buffer.byteLength(emit(document, "json"), "utf8");
  if (bytes >= IMPORT_BYTES_MAX) {
    warnings.push({
      code: "document.too_large",
      message: `The document has ${bytes} bytes; Azure API Management imports less than 4 MB. Split the API, or share schemas.`,
      pointer: "",
    });
  }
  const servers = isArray(document.servers) ? document.servers : [];
  const url = isObject(servers[0]) ? servers[0].url : undefined;
  if (typeof url === "string" && url.length >= URL_CHARS_MAX) {
    warnings.push({
      code: "server.url_too_long",
      message: `The public URL has ${url.length} characters; Azure API Management takes fewer than ${URL_CHARS_MAX}.`,
      pointer: "/servers/0/url",
    });
  }
  return warnings;
}
