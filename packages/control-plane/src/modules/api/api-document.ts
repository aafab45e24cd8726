/** An Api's OpenAPI document, as far as this package needs it. Rendering belongs to @latchkey/openapi. */
import type { Integration } from "../integration/integration.js";
import type { Api, Route } from "./api.js";

export interface DocumentInput {
  readonly api: Api;
  readonly routes: readonly Route[];
  /** Those that the routes name, by id. */
  readonly integrations: ReadonlyMap<string, Integration>;
}

export interface ApiDocuments {
  /** The document as JSON text in UTF-8, as nodes serve it. Equal inputs give equal bytes. */
  json(input: DocumentInput): Uint8Array;
}
