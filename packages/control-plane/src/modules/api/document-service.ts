/** Finds what an Api's document is made of, and has it rendered. */
import type { DocumentFormat } from "@latchkey/openapi";
import type { Db } from "../../db/schema.js";
import { readTransaction } from "../../db/transaction.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import { noComponents } from "./api.js";
import { type ApiDocuments, type DocumentVersion, SERVED_VERSION } from "./api-document.js";
import type { ApiService, ApiWithRoutes } from "./api-service.js";

export interface DocumentServiceDeps {
  readonly db: Db;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
  readonly documents: ApiDocuments;
}

export interface NamedDocument {
  readonly title: string;
  readonly text: string;
}

export class DocumentService {
  readonly #deps: DocumentServiceDeps;

  constructor(deps: DocumentServiceDeps) {
    this.#deps = deps;
  }

  /** The document of an Api, or null when there is no such Api. */
  document(apiId: string, version: DocumentVersion, format: DocumentFormat): Promise<NamedDocument | null> {
    return readTransaction(this.#deps.db, async (trx) => {
      const api = await this.#deps.apis.find(apiId, trx);
      if (api === null) return null;
      const content = {
        api,
        routes: await this.#deps.apis.routesOf([api.id], trx),
        components: (await this.#deps.apis.componentsOf([api.id], trx)).get(api.id) ?? noComponents,
      };
      return { title: api.title, text: await this.#text(trx, content, version, format) };
    });
  }

  /** What nodes serve for the Api, in UTF-8. */
  async served(trx: Db, content: ApiWithRoutes): Promise<Uint8Array> {
    return Buffer.from(await this.#text(trx, content, SERVED_VERSION, "json"));
  }

  async #text(
    trx: Db,
    content: ApiWithRoutes,
    version: DocumentVersion,
    format: DocumentFormat,
  ): Promise<string> {
    const { integrations, keys, documents } = this.#deps;
    const ids = [...new Set(content.routes.map((route) => route.integrationId))];
    const found = await integrations.findMany(ids, trx);
    return documents.text(
      {
        ...content,
        integrations: new Map<string, Integration>(found.map((integration) => [integration.id, integration])),
        hasWebhookKey: await keys.hasWebhookKey(trx, content.api.id),
      },
      version,
      format,
    );
  }
}
