/** Finds what an Api's document is made of, and has it rendered. */
import { createHash } from "node:crypto";
import type { DocumentFormat } from "@latchkey/openapi";
import type { Db } from "../../db/schema.js";
import { readTransaction } from "../../db/transaction.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import type { ApiWithRoutes } from "./api.js";
import { type Api, noComponents, type RouteHead } from "./api.js";
import { type DocumentInput, type DocumentVersion, SERVED_VERSION } from "./api-document.js";
import type { ApiService } from "./api-service.js";
import type { DocumentWriter } from "./document-writer.js";

export interface DocumentServiceDeps {
  readonly db: Db;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
  readonly writer: DocumentWriter;
}

export interface NamedDocument {
  readonly title: string;
  readonly text: string;
}

/** A node gets an API in one message of at most 64 MiB (snapshot-client.ts). */
const SERVED_BYTES_MAX = 24 * 1024 * 1024;

export class DocumentService {
  readonly #deps: DocumentServiceDeps;

  constructor(deps: DocumentServiceDeps) {
    this.#deps = deps;
  }

  /**
   * The document of an Api, or null when there is no such Api.
   *
   * @throws DocumentError when it cannot be written now
   */
  async document(
    apiId: string,
    version: DocumentVersion,
    format: DocumentFormat,
  ): Promise<NamedDocument | null> {
    const { db, apis, writer } = this.#deps;
    const found = await readTransaction(db, async (trx) => {
      const api = await apis.find(apiId, trx);
      if (api === null) return null;
      const heads = await apis.routeHeadsOf([api.id], trx);
      const { state, ...rest } = await this.#stateOf(trx, api, heads);
      const kept = writer.kept(state, version, format);
      if (kept !== null) return { title: api.title, kept, state, input: null };
      const routes = await apis.routesOf([api.id], trx);
      const components = (await apis.componentsOf([api.id], trx)).get(api.id) ?? noComponents;
      return { title: api.title, kept: null, state, input: { api, routes, components, ...rest } };
    });
    if (found === null) return null;
    const { title, kept, state, input } = found;
    // Not in the transaction, which holds the only connection.
    return { title, text: input === null ? kept : await writer.write(state, input, version, format) };
  }

  /** What nodes serve for the Api, in UTF-8; null: it is too large to be sent to them. */
  async served(trx: Db, content: ApiWithRoutes): Promise<Uint8Array | null> {
    const { state, ...rest } = await this.#stateOf(trx, content.api, content.routes);
    const text = this.#deps.writer.writeNow(state, { ...content, ...rest }, SERVED_VERSION, "json");
    const bytes = Buffer.from(text);
    return bytes.length > SERVED_BYTES_MAX ? null : bytes;
  }

  /** What a document is made of beside the Api itself, and a name for all of it: the versions of the records. */
  async #stateOf(
    trx: Db,
    api: Api,
    routes: readonly RouteHead[],
  ): Promise<Pick<DocumentInput, "integrations" | "hasWebhookKey"> & { readonly state: string }> {
    const { integrations, keys } = this.#deps;
    const ids = [...new Set(routes.map((route) => route.integrationId))].sort();
    const found = await integrations.findMany(ids, trx);
    const byId = new Map<string, Integration>(found.map((integration) => [integration.id, integration]));
    const hasWebhookKey = await keys.hasWebhookKey(trx, api.id);
    const hash = createHash("sha256").update(`${api.id} ${api.version} ${hasWebhookKey}`);
    for (const id of ids) hash.update(` ${id} ${byId.get(id)?.version}`);
    return { integrations: byId, hasWebhookKey, state: hash.digest("base64url") };
  }
}
