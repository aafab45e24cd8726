/** An Integration: a target that routes can name. Its id goes upstream as `ConfigCorrelationId`. Types only. */
import type { CredentialId, HeaderRules, IntegrationId, SubscriptionId } from "@latchkey/core";
import {
  type CircuitBreaker,
  type HealthCheck,
  type IntegrationLimits,
  type LoadBalancing,
  METHOD_AS_RECEIVED,
  type RateLimit,
  type RetryPolicy,
} from "@latchkey/snapshot";

/** What starts an integration. Only `api` can be routed to. */
const inboundKinds = ["api", "queue", "event", "schedule", "file", "email"] as const;
export type InboundKind = (typeof inboundKinds)[number];

/** What an integration may have as the method of the upstream request. */
const upstreamMethods = [
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  METHOD_AS_RECEIVED,
] as const;
export type UpstreamMethod = (typeof upstreamMethods)[number];

/** How a node treats the upstream. */
export interface IntegrationPolicy {
  readonly limits: IntegrationLimits;
  readonly loadBalancing: LoadBalancing;
  readonly healthCheck: HealthCheck | null;
  readonly circuitBreaker: CircuitBreaker | null;
  readonly retry: RetryPolicy;
  /** The client's Authorization goes on although the API demands a bearer token. */
  readonly forwardAuthorization: boolean;
  /** Clients may switch to WebSocket. */
  readonly webSockets: boolean;
  readonly headerRules: HeaderRules;
  /** Names of headers in the spelling that the integration needs. */
  readonly spelledHeaders: readonly string[];
  /** All routes to it share them. */
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

export interface Example {
  readonly name: string;
  readonly direction: "request" | "response";
  readonly contentType: string;
  readonly value: string;
}

/** What the integration takes and gives; the OpenAPI document is made of it. */
export interface IntegrationContract {
  /** JSON Schema text, or null. */
  readonly requestSchema: string | null;
  readonly responseSchema: string | null;
  readonly requestContentTypes: readonly string[];
  readonly responseContentTypes: readonly string[];
  readonly examples: readonly Example[];
}

export interface Integration {
  readonly id: IntegrationId;
  readonly subscriptionId: SubscriptionId;
  readonly name: string;
  readonly description: string;
  readonly inboundKind: InboundKind;
  /** At least one when the inbound kind is `api`. */
  readonly urls: readonly string[];
  readonly method: UpstreamMethod;
  readonly policy: IntegrationPolicy;
  readonly contract: IntegrationContract;
  /** Of the same subscription: what requests log in with. */
  readonly credentialIds: readonly CredentialId[];
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export function isRoutable(integration: Pick<Integration, "inboundKind">): boolean {
  return integration.inboundKind === "api";
}

export const integrationLimits = {
  nameCharsMax: 200,
  descriptionCharsMax: 10_000,
  urlsMax: 32,
  credentialsMax: 4,
  urlCharsMax: 2048,
  schemaCharsMax: 262_144,
  contentTypesMax: 32,
  examplesMax: 32,
  exampleCharsMax: 65_536,
} as const;

/** What a route needs to know of the integrations it names. */
export interface IntegrationTarget {
  readonly id: string;
  readonly subscriptionId: string;
  readonly inboundKind: InboundKind;
  readonly name: string;
  readonly urls: readonly string[];
}
