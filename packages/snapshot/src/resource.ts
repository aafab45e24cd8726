/** The resources ingress nodes must know, as immutable values. No wire types here: those stay in codec.ts. */
import type { CorsPolicy, HeaderRules, IpRules, KeyScope } from "@latchkey/core";
import type { CredentialResource } from "./credential.js";

export const resourceKinds = ["api", "integration", "key", "credential"] as const;
export type ResourceKind = (typeof resourceKinds)[number];

export function isResourceKind(text: string): text is ResourceKind {
  return (resourceKinds as readonly string[]).includes(text);
}

/** A resource as it travels and rests: named, hashable, and opaque to who does not know the kind. */
export interface ResourceRecord {
  readonly kind: string;
  readonly id: string;
  readonly body: Uint8Array;
}

export interface ResourceRef {
  readonly kind: string;
  readonly id: string;
}

export interface ApiResource {
  readonly kind: "api";
  readonly id: string;
  readonly subscriptionId: string;
  readonly title: string;
  readonly versionLabel: string;
  readonly routes: readonly RouteValue[];
  /** The OpenAPI document as JSON text in UTF-8, or null when it is not served at the ingress. */
  readonly openapiJson: Uint8Array | null;
  readonly bearerRequired: boolean;
  /** JSON text of an object: the shared schemas that checked routes reach, by name. Null when they reach none. */
  readonly schemas: string | null;
  /** Null: responses carry no CORS headers but the integration's own. */
  readonly cors: CorsPolicy | null;
  readonly ipRules: IpRules;
  /** All its keys share them. */
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
  /** Null: headers and bodies of its requests are not recorded. */
  readonly recording: Recording | null;
}

/** Headers and bodies of requests go to the message trail, for a limited time. */
export interface Recording {
  readonly untilMs: number;
  /** Paths of JSON whose values are masked. */
  readonly mask: readonly string[];
}

/** What happens to a response that does not match the route's `responses`. */
export type ResponseValidation = "off" | "report" | "refuse";

export interface RouteValue {
  readonly id: string;
  /** A method name or `ANY`. */
  readonly method: string;
  readonly pattern: string;
  readonly integrationId: string;
  readonly validate: boolean;
  /**
   * JSON text of the part of the route's Operation Object that is checked: `parameters` and `requestBody` of a
   * validated route, `responses` of one whose responses are validated. Null when nothing is checked by it.
   */
  readonly operation: string | null;
  readonly responseValidation: ResponseValidation;
  /** Applied after those of the integration. */
  readonly headerRules: HeaderRules;
  /** 0: none but the integration's. */
  readonly requestBodyBytesMax: number;
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

/** The upstream request has the method of the client's. */
export const METHOD_AS_RECEIVED = "AS_RECEIVED";

export type LoadBalancing = "round-robin" | "least-requests";

export interface IntegrationResource {
  readonly kind: "integration";
  readonly id: string;
  readonly subscriptionId: string;
  readonly name: string;
  readonly urls: readonly string[];
  /** A method, or `METHOD_AS_RECEIVED`. */
  readonly method: string;
  readonly limits: IntegrationLimits;
  readonly loadBalancing: LoadBalancing;
  readonly healthCheck: HealthCheck | null;
  readonly circuitBreaker: CircuitBreaker | null;
  readonly retry: RetryPolicy;
  /** JSON Schema text, or null. */
  readonly requestSchema: string | null;
  readonly requestContentTypes: readonly string[];
  /** JSON Schema text, or null. For responses of routes whose operation has no response with 2xx. */
  readonly responseSchema: string | null;
  readonly responseContentTypes: readonly string[];
  /** The Authorization header goes on although the API demands a bearer token of its own. */
  readonly forwardAuthorization: boolean;
  /** Clients may switch to WebSocket. */
  readonly webSockets: boolean;
  readonly headerRules: HeaderRules;
  /** Names of headers in the spelling that the integration needs. */
  readonly spelledHeaders: readonly string[];
  /** What requests log in with. */
  readonly credentialIds: readonly string[];
  /** All routes to it share them. */
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

/** 0 means the node's configured default. */
export interface IntegrationLimits {
  readonly requestBodyBytesMax: number;
  readonly responseBodyBytesMax: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly concurrentRequestsMax: number;
}

export interface HealthCheck {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
}

export interface CircuitBreaker {
  /** Consecutive failures that open the circuit. */
  readonly failures: number;
  readonly openMs: number;
}

export interface RetryPolicy {
  /** Extra attempts; 0 = only the rule "once, when nothing was sent". */
  readonly attemptsMax: number;
  /** Retries allowed per 100 requests. */
  readonly budgetPercent: number;
}

export type KeyMode = "header" | "webhook";

export interface KeyResource {
  readonly kind: "key";
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly apiId: string;
  readonly active: boolean;
  readonly mode: KeyMode;
  /** Milliseconds since 1970 by the control plane's clock; 0 = never. */
  readonly expiresAtMs: number;
  /** Newest first; the others live on for their overlap. */
  readonly secrets: readonly KeySecret[];
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
  readonly ipRules: IpRules;
  /** Empty: every route of the API. */
  readonly scopes: readonly KeyScope[];
}

export interface KeySecret {
  /** SHA-256 of the secret, 32 bytes. */
  readonly digest: Uint8Array;
  /** 0 = as long as the key lives. */
  readonly notAfterMs: number;
}

export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
  /** What may come at once; 0 = limit. */
  readonly burst: number;
}

export type Resource = ApiResource | IntegrationResource | KeyResource | CredentialResource;

export const noLimits: IntegrationLimits = {
  requestBodyBytesMax: 0,
  responseBodyBytesMax: 0,
  connectTimeoutMs: 0,
  firstByteTimeoutMs: 0,
  bodyIdleTimeoutMs: 0,
  concurrentRequestsMax: 0,
};

/** One name for a resource over all kinds. */
export function resourceName(ref: ResourceRef): string {
  return `${ref.kind}/${ref.id}`;
}
