/** An integration as ingress nodes know it. */
import type { IntegrationResource } from "@latchkey/snapshot";
import type { Integration } from "./integration.js";

export function toIntegrationResource(integration: Integration): IntegrationResource {
  return {
    kind: "integration",
    id: integration.id,
    subscriptionId: integration.subscriptionId,
    name: integration.name,
    urls: integration.urls,
    method: integration.method,
    limits: integration.policy.limits,
    loadBalancing: integration.policy.loadBalancing,
    healthCheck: integration.policy.healthCheck,
    circuitBreaker: integration.policy.circuitBreaker,
    retry: integration.policy.retry,
    requestSchema: integration.contract.requestSchema,
    forwardAuthorization: integration.policy.forwardAuthorization,
    webSockets: integration.policy.webSockets,
    requestContentTypes: integration.contract.requestContentTypes,
    responseSchema: integration.contract.responseSchema,
    responseContentTypes: integration.contract.responseContentTypes,
    headerRules: integration.policy.headerRules,
    spelledHeaders: integration.policy.spelledHeaders,
    credentialIds: integration.credentialIds,
    rateLimit: integration.policy.rateLimit,
    quota: integration.policy.quota,
  };
}
