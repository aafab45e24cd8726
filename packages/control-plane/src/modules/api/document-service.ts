/** Finds what an Api's document is made of, and has it rendered. */
import type { DocumentFormat } from "@latchkey/openapi";
import type { Db } from "../../db/schema.js";
import { readTransaction } from "../../db/transaction.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import type { Api, Route } from "./api.js";
import { type ApiDocuments, type DocumentVersion, SERVED_VERSION } from "./api-document.js";
import type { ApiService } from "./api-service.js";

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
      const routes = await this.#deps.apis.routesOf([api.id], trx);
      return { title: api.title, text: await this.#text(trx, api, routes, version, format) };
    });
  }

  /** What nodes serve for the Api, in UTF-8. */
  async served(trx: Db, api: Api, routes: readonly Route[]): Promise<Uint8Array> {
    return Buffer.from(await this.#text(trx, api, routes, SERVED_VERSION, "json"));
  }

  async #text(
    trx: Db,
    api: Api,
    routes: readonly Route[],
    version: DocumentVersion,
    format: DocumentFormat,
  ): Promise<string> {
    const { integrations, keys, documents } = this.#deps;
    const ids = [...new Set(routes.map((route) => route.integrationId))];
    const found = await integrations.findMany(ids, trx);
    return documents.text(
      {
        api,
        routes,
        integrations: new Map<string, Integration>(found.map((integration) => [integration.id, integration])),
        hasWebhookKey: await keys.hasWebhookKey(trx, api.id),
      },
      version,
      format,
    );
  }
}
