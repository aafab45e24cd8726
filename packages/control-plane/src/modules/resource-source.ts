/** Reads what ingress nodes must know out of the tables, as encoded resources. Never writes. */
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { encodeResource, type ResourceRecord, type ResourceRef, type Version } from "@latchkey/snapshot";
import type { Db } from "../db/schema.js";
import { readTransaction } from "../db/transaction.js";
import type { LoadedResources, ResourceSource } from "../snapshot/seam.js";
import { type Api, noComponents, type Route } from "./api/api.js";
import { toApiResource } from "./api/api-resource.js";
import type { ApiService } from "./api/api-service.js";
import type { DocumentService } from "./api/document-service.js";
import { isRoutable } from "./integration/integration.js";
import { toIntegrationResource } from "./integration/integration-resource.js";
import type { IntegrationService } from "./integration/integration-service.js";
import { toKeyResource } from "./key/api-key-resource.js";
import type { ApiKeyService } from "./key/api-key-service.js";

/** Rows between two turns of the event loop: a few milliseconds of work. */
const PAGE_ROWS = 250;

export interface ResourceSourceDeps {
  readonly db: Db;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
  readonly documents: DocumentService;
}

/** The newest committed version. */
export async function readVersion(db: Db): Promise<Version> {
  return db.selectFrom("revision").select(["epoch", "number"]).where("id", "=", 1).executeTakeFirstOrThrow();
}

export class TableResourceSource implements ResourceSource {
  readonly #deps: ResourceSourceDeps;

  constructor(deps: ResourceSourceDeps) {
    this.#deps = deps;
  }

  version(trx: Db = this.#deps.db): Promise<Version> {
    return readVersion(trx);
  }

  async *loadAll(): AsyncGenerator<readonly ResourceRecord[]> {
    const { db, apis, integrations, keys } = this.#deps;
    for await (const page of pages((after) => integrations.nextRoutable(db, after, PAGE_ROWS)))
      yield page.map((integration) => encodeResource(toIntegrationResource(integration)));
    // An Api and its routes are read in one transaction each page, so that no Api is seen half changed.
    for await (const slice of pages((after) =>
      readTransaction(db, async (trx) => {
        const page = await apis.next(trx, after, PAGE_ROWS);
        return this.#encodeApis(trx, page);
      }),
    ))
      yield slice;
    for await (const page of pages((after) => keys.next(db, after, PAGE_ROWS)))
      yield page.map((key) => encodeResource(toKeyResource(key)));
  }

  load(refs: readonly ResourceRef[], trx?: Db): Promise<LoadedResources> {
    if (trx !== undefined) return this.#load(trx, refs);
    return readTransaction(this.#deps.db, (own) => this.#load(own, refs));
  }

  async #load(trx: Db, refs: readonly ResourceRef[]): Promise<LoadedResources> {
    const { apis, integrations, keys } = this.#deps;
    const records: ResourceRecord[] = [];
    for (const ids of idPages(refs, "integration")) {
      for (const integration of await integrations.findMany(ids, trx))
        if (isRoutable(integration)) records.push(encodeResource(toIntegrationResource(integration)));
    }
    for (const ids of idPages(refs, "api"))
      records.push(...(await this.#encodeApis(trx, await apis.findMany(ids, trx))));
    for (const ids of idPages(refs, "key")) {
      for (const key of await keys.findMany(ids, trx)) records.push(encodeResource(toKeyResource(key)));
    }
    return { version: await readVersion(trx), records };
  }

  async #encodeApis(trx: Db, page: readonly Api[]): Promise<ResourceRecord[]> {
    const routesByApi = new Map<string, Route[]>(page.map((api) => [api.id, []]));
    const ids = page.map((api) => api.id);
    for (const route of await this.#deps.apis.routesOf(ids, trx)) routesByApi.get(route.apiId)?.push(route);
    const componentsByApi = await this.#deps.apis.componentsOf(ids, trx);
    const records: ResourceRecord[] = [];
    for (const api of page) {
      const routes = routesByApi.get(api.id) ?? [];
      const content = { api, routes, components: componentsByApi.get(api.id) ?? noComponents };
      const document = api.openapiServed ? await this.#deps.documents.served(trx, content) : null;
      records.push(encodeResource(toApiResource(content, document)));
    }
    return records;
  }
}

/** Page after page by id, with a turn of the event loop between two. */
async function* pages<T extends { readonly id: string }>(
  next: (afterId: string) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  let after = "";
  for (;;) {
    const page = await next(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < PAGE_ROWS) return;
    after = last.id;
    await yieldToOthers();
  }
}

function* idPages(refs: readonly ResourceRef[], kind: string): Generator<string[]> {
  const ids = refs.filter((ref) => ref.kind === kind).map((ref) => ref.id);
  for (let i = 0; i < ids.length; i += PAGE_ROWS) yield ids.slice(i, i + PAGE_ROWS);
}
