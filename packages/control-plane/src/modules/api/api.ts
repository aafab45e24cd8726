/** An Api: title, summary, subscription and routes, selected by its keys. Types only. */

import type {
  ApiId,
  CorsPolicy,
  HeaderRules,
  IntegrationId,
  IpRules,
  RouteId,
  SubscriptionId,
} from "@latchkey/core";
import { OPERATION_ID_CHARS_MAX } from "@latchkey/openapi";
import type { RateLimit, Recording, ResponseValidation } from "@latchkey/snapshot";
import type { Ownership } from "../../forms/ownership-form.js";

export interface Api extends Ownership {
  readonly id: ApiId;
  readonly subscriptionId: SubscriptionId;
  readonly title: string;
  readonly summary: string;
  /** The version shown to people: `v1`. */
  readonly versionLabel: string;
  /** Secrets of its keys are also kept under encryption and can be shown again. */
  readonly recoverable: boolean;
  /** A bearer token is demanded beside a key in HEADER mode. */
  readonly bearerRequired: boolean;
  /** The OpenAPI document is served at the ingress. */
  readonly openapiServed: boolean;
  /** Null: the gateway adds no CORS headers. */
  readonly cors: CorsPolicy | null;
  readonly ipRules: IpRules;
  /** All its keys share them. */
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
  /** Null: headers and bodies of its requests are not recorded. */
  readonly recording: ApiRecording | null;
  /** Grows by one with each change of the form. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ApiRecording extends Recording {
  /** The operator's name; absent where an earlier release stored it. */
  readonly startedBy?: string;
}

const routeMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"] as const;
/** A method of HTTP, or `ANY` for those that no other route of the path names. */
export type RouteMethod = (typeof routeMethods)[number];

/** What the routes' operations refer to by name. Kept apart from the Api: schemas can take megabytes. */
export interface ApiComponents {
  /** JSON text of the shared schemas by name, or null. */
  readonly schemas: string | null;
  /** JSON text of a list of Tag Objects of OpenAPI, or null. */
  readonly tags: string | null;
  /** JSON text of contact, license and terms of service as OpenAPI has them, or null. */
  readonly info: string | null;
}

export const noComponents: ApiComponents = { schemas: null, tags: null, info: null };

/** A route without its operation, which lists do without. */
export interface RouteHead {
  readonly id: RouteId;
  readonly apiId: ApiId;
  /** From 0, as people ordered them; means nothing for matching. */
  readonly position: number;
  readonly method: RouteMethod;
  /** Canonical text of the path pattern. */
  readonly pattern: string;
  /** The pattern without parameter names. */
  readonly normalizedKey: string;
  readonly integrationId: IntegrationId;
  /** Unique in the Api; stable while method and path are. */
  readonly operationId: string;
  /** Requests are checked against the operation, and the integration's request schema if it describes no body. */
  readonly validate: boolean;
  /** What happens to a response that does not match the operation. */
  readonly responseValidation: ResponseValidation;
  /** Applied after those of the integration. */
  readonly headerRules: HeaderRules;
  /** 0: none but the integration's. */
  readonly requestBodyBytesMax: number;
  /** All keys share them. */
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

export interface Route extends RouteHead {
  /** JSON text of an `OperationModel` of @latchkey/openapi, or null. */
  readonly operation: string | null;
}

export const apiLimits = {
  titleCharsMax: 200,
  summaryCharsMax: 10_000,
  versionLabelCharsMax: 20,
  routesMax: 5000,
  operationIdCharsMax: OPERATION_ID_CHARS_MAX,
  operationCharsMax: 262_144,
  /** Of all routes together: a node gets them in one message. */
  operationsCharsMax: 16 * 1024 * 1024,
  schemasCharsMax: 8 * 1024 * 1024,
  tagsCharsMax: 262_144,
  infoCharsMax: 10_000,
} as const;

export interface ApiWithRoutes {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly components: ApiComponents;
}
