/** An Api: title, summary, subscription and routes, selected by its keys. Types only. */

import type { ApiId, IntegrationId, RouteId, SubscriptionId } from "@latchkey/core";
import { OPERATION_ID_CHARS_MAX, type RouteParameters } from "@latchkey/openapi";

export interface Api {
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
  /** Grows by one with each change of the form. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const routeMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"] as const;
/** A method of HTTP, or `ANY` for those that no other route of the path names. */
export type RouteMethod = (typeof routeMethods)[number];

export interface Route {
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
  /** Schemas of path and query parameters, in the form of @latchkey/openapi; null when there are none. */
  readonly parameters: RouteParameters | null;
  /** Requests are checked against the integration's request schema. */
  readonly validate: boolean;
}

export const apiLimits = {
  titleCharsMax: 200,
  summaryCharsMax: 10_000,
  versionLabelCharsMax: 20,
  routesMax: 1000,
  operationIdCharsMax: OPERATION_ID_CHARS_MAX,
  parametersCharsMax: 65_536,
} as const;
