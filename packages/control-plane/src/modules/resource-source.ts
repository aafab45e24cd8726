/**
 * Reads what ingress nodes must know out of the tables, as encoded resources. Encodes outside of transactions, and in short
 * turns of the event loop. Never writes.
 */
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { Pauses } from "@latchkey/core";
import { encodeResource, type ResourceRecord, type ResourceRef, type Revision } from "@latchkey/snapshot";
import type { Db } from "../db/schema.js";
import { readTransaction } from "../db/transaction.js";
import type { LoadedResources, ResourceSource } from "../snapshot/ports.js";
import { type Api, type ApiWithRoutes, noComponents, type Route } from "./api/api.js";
import { toApiResource } from "./api/api-resource.js";
import type { ApiService } from "./api/api-service.js";
import { type ServedDocuments, servedBytes } from "./api/served-documents.js";
import type { Credential } from "./credential/credential.js";
import { toCredentialResource } from "./credential/credential-resource.js";
import type { CredentialService } from "./credential/credential-service.js";
import type { DataKeys } from "./credential/data-keys.js";
import { type Integration, isRoutable } from "./integration/integration.js";
import { toIntegrationResource } from "./integration/integration-resource.js";
import type { IntegrationService } from "./integration/integration-service.js";
import type { ApiKey } from "./key/api-key.js";
import { toKeyResource } from "./key/api-key-resource.js";
import type { ApiKeyService } from "./key/api-key-service.js";

/** Rows between two turns of the event loop: a few milliseconds of work. */
const PAGE_ROWS = 250;

export interface ResourceSourceDeps {
  readonly db: Db;
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly keys: ApiKeyService;
  readonly credentials: CredentialService;
  readonly dataKeys: DataKeys;
  readonly served: ServedDocuments;
}

/** An Api as it stands in the tables. */
interface ReadApi {
  readonly id: string;
  readonly content: ApiWithRoutes;
  /** Of the document that nodes serve, compressed; null: they serve none. */
  readonly document: Buffer | null;
}

/** The newest committed revision. */
export async function readRevision(db: Db): Promise<Revision> {
  return db.selectFrom("revision").select(["epoch", "number"]).where("id", "=", 1).executeTakeFirstOrThrow();
}

export class TableResourceSource implements ResourceSource {
  readonly #deps: ResourceSourceDeps;

  constructor(deps: ResourceSourceDeps) {
    this.#deps = deps;
  }

  revision(trx: Db = this.#deps.db): Promise<Revision> {
    return readRevision(trx);
  }

  async *loadAll(): AsyncGenerator<readonly ResourceRecord[]> {
    const { db, apis, integrations, keys, credentials, dataKeys } = this.#deps;
    for await (const page of pages((after) =>
      readTransaction(db, async (trx) => {
        await dataKeys.refresh(trx);
        return credentials.next(trx, after, PAGE_ROWS);
      }),
    ))
      yield page.map(encodeCredential);
    for await (const page of pages((after) => integrations.nextRoutable(db, after, PAGE_ROWS)))
      yield page.map(encodeIntegration);
    // An Api and its routes are read in one transaction each page, so that no Api is seen half changed.
    for await (const page of pages((after) =>
      readTransaction(db, async (trx) => this.#readApis(trx, await apis.next(trx, after, PAGE_ROWS))),
    ))
      yield encodeApis(page);
    for await (const page of pages((after) => keys.next(db, after, PAGE_ROWS))) yield page.map(encodeKey);
  }

  async load(refs: readonly ResourceRef[], trx: Db): Promise<LoadedResources> {
    const { apis, integrations, keys, credentials, dataKeys } = this.#deps;
    const foundIntegrations: Integration[] = [];
    const foundCredentials: Credential[] = [];
    const foundApis: ReadApi[] = [];
    const foundKeys: ApiKey[] = [];
    if (refs.some(({ kind }) => kind === "credential")) await dataKeys.refresh(trx);
    for (const ids of idPages(refs, "credential"))
      foundCredentials.push(...(await credentials.findMany(ids, trx)));
    for (const ids of idPages(refs, "integration"))
      foundIntegrations.push(...(await integrations.findMany(ids, trx)));
    for (const ids of idPages(refs, "api"))
      foundApis.push(...(await this.#readApis(trx, await apis.findMany(ids, trx))));
    for (const ids of idPages(refs, "key")) foundKeys.push(...(await keys.findMany(ids, trx)));
    return {
      revision: await readRevision(trx),
      records: async () => [
        ...foundCredentials.map(encodeCredential),
        ...foundIntegrations.filter(isRoutable).map(encodeIntegration),
        ...(await encodeApis(foundApis)),
        ...foundKeys.map(encodeKey),
      ],
    };
  }

  async #readApis(trx: Db, page: readonly Api[]): Promise<ReadApi[]> {
    const { apis, served } = this.#deps;
    const routesByApi = new Map<string, Route[]>(page.map((api) => [api.id, []]));
    const ids = page.map((api) => api.id);
    for (const route of await apis.routesOf(ids, trx)) routesByApi.get(route.apiId)?.push(route);
    const componentsByApi = await apis.componentsOf(ids, trx);
    const documents = await served.contents(
      trx,
      page.filter((api) => api.openapiServed).map((api) => api.id),
    );
    return page.map((api) => ({
      id: api.id,
      content: {
        api,
        routes: routesByApi.get(api.id) ?? [],
        components: componentsByApi.get(api.id) ?? noComponents,
      },
      document: documents.get(api.id) ?? null,
    }));
  }
}

async function encodeApis(page: readonly ReadApi[]): Promise<ResourceRecord[]> {
  const pauses = new Pauses();
  const records: ResourceRecord[] = [];
  for (const { content, document } of page) {
    const bytes = document === null ? null : await servedBytes(document);
    const resource = await toApiResource(content, bytes);
    await pauses.pause();
    records.push(encodeResource(resource));
    await pauses.pause();
  }
  return records;
}

function encodeIntegration(integration: Integration): ResourceRecord {
  return encodeResource(toIntegrationResource(integration));
}

function encodeCredential(credential: Credential): ResourceRecord {
  return encodeResource(toCredentialResource(credential));
}

function encodeKey(key: ApiKey): ResourceRecord {
  return encodeResource(toKeyResource(key));
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
