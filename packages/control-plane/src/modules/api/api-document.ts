/** An Api's OpenAPI document: what of the domain goes into it. Rendering belongs to @latchkey/openapi. */
import type { KeyScope } from "@latchkey/core";
import {
  type ApiModel,
  type DocumentFormat,
  emit,
  exampleValue,
  type InfoModel,
  type IntegrationModel,
  type Json,
  type JsonObject,
  type JsonSchema,
  type OperationModel,
  type RequestLimitModel,
  type RouteLimitsModel,
  toOpenApi,
  withinScopes,
} from "@latchkey/openapi";
import type { RateLimit } from "@latchkey/snapshot";
import type { Integration } from "../integration/integration.js";
import type { ApiWithRoutes, Route } from "./api.js";

/** What documents tell of an integration. */
export type DescribedIntegration = Pick<Integration, "name" | "contract"> & {
  readonly policy: Pick<Integration["policy"], "webSockets">;
};

export interface DocumentInput extends ApiWithRoutes {
  /** Those that the routes name, by id. */
  readonly integrations: ReadonlyMap<string, DescribedIntegration>;
  /** A key of the Api is in WEBHOOK mode. */
  readonly hasWebhookKey: boolean;
  /** Of the key that the document is for; empty: all routes. */
  readonly scopes: readonly KeyScope[];
}

export type DocumentVersion = "3.0" | "3.1";

export interface ApiDocuments {
  readonly settings: DocumentSettings;
  /** Equal inputs give equal texts. */
  text(input: DocumentInput, version: DocumentVersion, format: DocumentFormat): string;
}

export interface DocumentSettings {
  /** Where clients reach the ingress, or null. */
  readonly ingressUrl: string | null;
  readonly keyHeader: string;
}

/** What nodes serve. */
export const SERVED_VERSION: DocumentVersion = "3.1";

export class OpenApiDocuments implements ApiDocuments {
  readonly settings: DocumentSettings;

  constructor(settings: DocumentSettings) {
    this.settings = settings;
  }

  text(input: DocumentInput, version: DocumentVersion, format: DocumentFormat): string {
    return emit(toOpenApi(withinScopes(toApiModel(input, this.settings), input.scopes), { version }), format);
  }
}

function toApiModel(input: DocumentInput, settings: DocumentSettings): ApiModel {
  const { api, routes, components, integrations, hasWebhookKey } = input;
  const { schemas, tags, info } = components;
  const models = new Map<string, IntegrationModel>();
  for (const [id, integration] of integrations) models.set(id, toIntegrationModel(integration));
  return {
    title: api.title,
    summary: api.summary,
    version: api.versionLabel,
    serverUrl: settings.ingressUrl,
    keyHeaderName: settings.keyHeader,
    webhook: hasWebhookKey,
    bearerRequired: api.bearerRequired,
    ...(schemas !== null && { schemas: JSON.parse(schemas) as Record<string, JsonSchema> }),
    ...(info !== null && { info: JSON.parse(info) as InfoModel }),
    ...(tags !== null && { tags: JSON.parse(tags) as JsonObject[] }),
    routes: routes.map((route) => ({
      method: route.method,
      path: route.pattern,
      operationId: route.operationId,
      // The foreign key says that it is there.
      integration: models.get(route.integrationId) ?? { name: "" },
      validate: route.validate,
      ...(route.operation !== null && {
        operation: JSON.parse(route.operation) as OperationModel,
      }),
      limits: toLimitsModel(route),
    })),
  };
}

function toLimitsModel({ requestBodyBytesMax, rateLimit, quota }: Route): RouteLimitsModel {
  return {
    ...(requestBodyBytesMax > 0 && { requestBodyBytesMax }),
    ...(rateLimit !== null && { rateLimit: toRequestLimitModel(rateLimit) }),
    ...(quota !== null && { quota: toRequestLimitModel(quota) }),
  };
}

function toRequestLimitModel({ limit, windowSeconds, burst }: RateLimit): RequestLimitModel {
  return { limit, windowSeconds, ...(burst > 0 && { burst }) };
}

/** The public face of an integration. */
function toIntegrationModel({ name, contract, policy }: DescribedIntegration): IntegrationModel {
  const { requestSchema, responseSchema, requestContentTypes, responseContentTypes } = contract;
  const request = exampleOf(contract, "request");
  const response = exampleOf(contract, "response");
  return {
    name,
    ...(requestSchema !== null && { requestSchema: JSON.parse(requestSchema) as JsonSchema }),
    ...(responseSchema !== null && { responseSchema: JSON.parse(responseSchema) as JsonSchema }),
    ...(requestContentTypes.length > 0 && { requestContentTypes }),
    ...(responseContentTypes.length > 0 && { responseContentTypes }),
    ...((request !== undefined || response !== undefined) && {
      examples: { ...(request !== undefined && { request }), ...(response !== undefined && { response }) },
    }),
    ...(policy.webSockets && { webSockets: true }),
  };
}

/** The first one; JSON as a value, everything else as text. */
function exampleOf(contract: Integration["contract"], direction: "request" | "response"): Json | undefined {
  const example = contract.examples.find((candidate) => candidate.direction === direction);
  return example && exampleValue(example.contentType, example.value);
}
