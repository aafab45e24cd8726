/** What an Api's document is made of, as it stands in the database, and a name for all of it. Renders nothing. */
import { createHash } from "node:crypto";
import type { Db } from "../../db/schema.js";
import type { Integration } from "../integration/integration.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { ApiKey } from "../key/api-key.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import { type Api, noComponents } from "./api.js";
import type { DocumentInput } from "./api-document.js";
import type { ApiService } from "./api-service.js";

export interface DocumentSource {
  /** Names everything that `input` is made of. */
  readonly state: string;
  readonly input: DocumentInput;
}

export interface DocumentSourcesDeps {
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
}

type Surroundings = Pick<DocumentInput, "integrations" | "hasWebhookKey" | "scopes">;

export interface DocumentHead {
  readonly api: Api;
  readonly state: string;
  /** Reads the rest in the same transaction. */
  readonly source: () => Promise<DocumentSource>;
}

export class DocumentSources {
  readonly #deps: DocumentSourcesDeps;

  constructor(deps: DocumentSourcesDeps) {
    this.#deps = deps;
  }

  /**
   * Null: there is no such Api, or it has no such key.
   *
   * @param keyId of the key that the document is for; null: for all
   */
  async head(trx: Db, apiId: string, keyId: string | null = null): Promise<DocumentHead | null> {
    const { apis, keys } = this.#deps;
    const api = await apis.find(apiId, trx);
    if (api === null) return null;
    const key = keyId === null ? null : await keys.find(keyId, trx);
    if (keyId !== null && key?.apiId !== api.id) return null;
    const { state, ...surroundings } = await this.#stateOf(trx, api, key);
    return {
      api,
      state,
      source: async () => {
        const routes = await apis.routesOf([api.id], trx);
        const components = (await apis.componentsOf([api.id], trx)).get(api.id) ?? noComponents;
        return { state, input: { api, routes, components, ...surroundings } };
      },
    };
  }

  /** The name is made of the versions of the records. */
  async #stateOf(trx: Db, api: Api, key: ApiKey | null): Promise<Surroundings & { readonly state: string }> {
    const { apis, integrations, keys } = this.#deps;
    const routes = await apis.routeHeadsOf([api.id], trx);
    const ids = [...new Set(routes.map((route) => route.integrationId))].sort();
    const found = await integrations.findMany(ids, trx);
    const byId = new Map<string, Integration>(found.map((integration) => [integration.id, integration]));
    const hasWebhookKey = key === null ? await keys.hasWebhookKey(trx, api.id) : key.mode === "webhook";
    const scopes = key?.scopes ?? [];
    const hash = createHash("sha256").update(
      `${api.id} ${api.version} ${hasWebhookKey} ${JSON.stringify(scopes)}`,
    );
    for (const id of ids) hash.update(` ${id} ${byId.get(id)?.version}`);
    return { integrations: byId, hasWebhookKey, scopes, state: hash.digest("base64url") };
  }
}
