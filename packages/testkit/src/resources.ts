/** Resources as a control plane serves them, with everything left out that a test or a bench does not speak of. */
import { generateApiKey, keyDigest, noHeaderRules, noIpRules } from "@latchkey/core";
import {
  type ApiResource,
  encodeResource,
  type IntegrationResource,
  type KeyResource,
  noLimits,
  type Resource,
  type RouteValue,
} from "@latchkey/snapshot";
import type { ServedResource } from "./snapshot-server.js";

export function anIntegration(
  id: string,
  url: string,
  more: Partial<IntegrationResource> = {},
): IntegrationResource {
  return {
    kind: "integration",
    id,
    subscriptionId: "sub_1",
    name: id,
    urls: [url],
    method: "POST",
    limits: noLimits,
    loadBalancing: "round-robin",
    healthCheck: null,
    circuitBreaker: null,
    retry: { attemptsMax: 0, budgetPercent: 0 },
    requestSchema: null,
    requestContentTypes: [],
    responseSchema: null,
    responseContentTypes: [],
    forwardAuthorization: false,
    webSockets: false,
    headerRules: noHeaderRules,
    spelledHeaders: [],
    credentialIds: [],
    rateLimit: null,
    quota: null,
    ...more,
  };
}

export function aRoute(method: string, pattern: string, integrationId: string): RouteValue {
  return {
    id: `rte_${method}${pattern}`,
    method,
    pattern,
    integrationId,
    validate: false,
    operation: null,
    responseValidation: "off",
    headerRules: noHeaderRules,
    requestBodyBytesMax: 0,
    rateLimit: null,
    quota: null,
  };
}

export function anApi(
  id: string,
  routes: readonly RouteValue[],
  more: Partial<ApiResource> = {},
): ApiResource {
  return {
    kind: "api",
    id,
    subscriptionId: "sub_1",
    title: id,
    versionLabel: "v1",
    routes,
    openapiJson: null,
    bearerRequired: false,
    schemas: null,
    cors: null,
    ipRules: noIpRules,
    rateLimit: null,
    quota: null,
    recording: null,
    ...more,
  };
}

export interface TestKey {
  readonly secret: string;
  readonly resource: KeyResource;
}

export function aKey(
  id: string,
  apiId: string,
  more: Partial<KeyResource> = {},
  secret = generateApiKey(),
): TestKey {
  return {
    secret,
    resource: {
      kind: "key",
      id,
      name: id,
      apiId,
      active: true,
      mode: "header",
      expiresAtMs: 0,
      secrets: [{ digest: keyDigest(secret), notAfterMs: 0 }],
      rateLimit: null,
      quota: null,
      ipRules: noIpRules,
      scopes: [],
      ...more,
    },
  };
}

export function served(...resources: readonly Resource[]): ServedResource[] {
  return resources.map(encodeResource);
}
