/** Wires the modules to each other over one database. Knows neither GraphQL nor gRPC nor HTTP. */
import type { LookupFunction } from "node:net";
import type { Clock } from "@latchkey/core";
import type { Logger, TraceScope } from "@latchkey/observe";
import { DocumentThreads, ImportThreads, type ThreadLimits } from "@latchkey/openapi";
import type { SecretCipher } from "@latchkey/snapshot";
import type { Db } from "./db/schema.js";
import type { ApiDocuments } from "./modules/api/api-document.js";
import { ApiService } from "./modules/api/api-service.js";
import { DocumentService } from "./modules/api/document-service.js";
import { DocumentSources } from "./modules/api/document-source.js";
import { DocumentWriter } from "./modules/api/document-writer.js";
import { ImportService } from "./modules/api/import-service.js";
import { RouteService } from "./modules/api/route-service.js";
import { ServedDocuments } from "./modules/api/served-documents.js";
import { AuditService } from "./modules/audit/audit-service.js";
import { CredentialService } from "./modules/credential/credential-service.js";
import { DataKeys } from "./modules/credential/data-keys.js";
import { IntegrationService } from "./modules/integration/integration-service.js";
import { UpstreamProbe } from "./modules/integration/upstream-probe.js";
import type { UpstreamAllowList } from "./modules/integration/upstream-url.js";
import { ApiKeyService } from "./modules/key/api-key-service.js";
import { readRevision, TableResourceSource } from "./modules/resource-source.js";
import { SubscriptionService } from "./modules/subscription/subscription-service.js";
import type { ChangeLog } from "./snapshot/ports.js";
import { UnitOfWorkRunner } from "./unit-of-work/unit-of-work.js";

export interface ServicesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: nothing is traced. */
  readonly traces?: TraceScope | null;
  readonly changeLog: ChangeLog;
  readonly cipher: SecretCipher;
  readonly allow: UpstreamAllowList;
  /** Finds the addresses of upstreams whose connection is tested. */
  readonly lookup: LookupFunction;
  readonly documents: ApiDocuments;
  /** Of the threads that read and write documents. */
  readonly threadLimits?: Partial<ThreadLimits>;
  /** Of a document that nodes serve. Default: 24 MiB. */
  readonly servedBytesMax?: number;
}

export interface Services {
  readonly subscriptions: SubscriptionService;
  readonly integrations: IntegrationService;
  readonly credentials: CredentialService;
  readonly dataKeys: DataKeys;
  readonly apis: ApiService;
  readonly routes: RouteService;
  readonly keys: ApiKeyService;
  readonly openapi: DocumentService;
  readonly served: ServedDocuments;
  readonly imports: ImportService;
  readonly audit: AuditService;
  readonly source: TableResourceSource;
  readonly units: UnitOfWorkRunner;
}

export function createServices(deps: ServicesDeps): Services {
  const { db, clock, logger, changeLog, cipher, allow, documents } = deps;
  const units = new UnitOfWorkRunner({
    db,
    changeLog,
    clock,
    traces: deps.traces ?? null,
    source: { revision: (trx) => readRevision(trx ?? db) },
  });
  // Modules that need each other meet here; nothing is called before all of them are made.
  const subscriptions = new SubscriptionService({
    db,
    units,
    contents: {
      count: async (trx, subscriptionId) => ({
        apis: await apis.count({ subscriptionId }, trx),
        integrations: await integrations.count({ subscriptionId }, trx),
        credentials: await credentials.count({ subscriptionId }, trx),
      }),
    },
  });
  const dataKeys = new DataKeys(cipher, logger);
  const credentials: CredentialService = new CredentialService({
    db,
    units,
    subscriptions,
    allow,
    dataKeys,
    uses: {
      countOf: (trx, credentialId) => integrations.count({ credentialId }, trx),
      namesOf: (trx, credentialId, limit) => integrations.namesUsing(trx, credentialId, limit),
      besides: (trx, credentialId) => integrations.credentialsBeside(trx, credentialId),
    },
  });
  const integrations: IntegrationService = new IntegrationService({
    db,
    units,
    subscriptions,
    allow,
    probe: new UpstreamProbe({ allow, lookup: deps.lookup }),
    uses: {
      routesOf: (trx, id, limit) => apis.uses.routesOf(trx, id, limit),
      countRoutesOf: (trx, id) => apis.uses.countRoutesOf(trx, id),
      documentsChanged: async (scope, id) =>
        served.changed(scope, await apis.uses.documentedApisOf(scope.trx, id)),
    },
    credentials: {
      findMany: (trx, ids) => credentials.findMany(ids, trx),
      secretOf: (trx, credential) => credentials.secretOf(trx, credential),
    },
  });
  const keys = new ApiKeyService({
    db,
    units,
    cipher,
    apis: {
      findApi: (trx, id) => apis.find(id, trx),
      documentChanged: (scope, id) => served.changed(scope, [id]),
    },
  });
  const apis: ApiService = new ApiService({
    db,
    units,
    subscriptions,
    integrations,
    keys,
    served: {
      changed: (scope, ids) => served.changed(scope, ids),
      stop: (scope, id) => served.stop(scope, id),
    },
    canRecover: cipher.available,
  });
  const threads = new DocumentThreads(deps.threadLimits);
  const documentWriter = new DocumentWriter(documents, threads);
  const sources = new DocumentSources({ apis, integrations, keys });
  const served: ServedDocuments = new ServedDocuments({
    db,
    units,
    sources,
    documents: documentWriter,
    settings: documents.settings,
    clock,
    logger,
    ...(deps.servedBytesMax !== undefined && { bytesMax: deps.servedBytesMax }),
  });
  const source = new TableResourceSource({ db, apis, integrations, keys, credentials, dataKeys, served });
  const imports = new ImportService({
    units,
    apis,
    integrations,
    threads: new ImportThreads(threads),
  });
  return {
    subscriptions,
    integrations,
    credentials,
    dataKeys,
    apis,
    routes: new RouteService({ db, units, apis }),
    keys,
    openapi: new DocumentService({ db, sources, documents: documentWriter }),
    served,
    imports,
    audit: new AuditService(db),
    source,
    units,
  };
}
