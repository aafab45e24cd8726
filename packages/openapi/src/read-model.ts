/**
 * What a document is made from: an Api as a reader may know it. Holds no key, no upstream URL and no
 * internal id, and the generators read nothing but the fields named here.
 */
import { isToken, type ParameterPlace, type ParameterStyle } from "@latchkey/core";
import type { Json, JsonObject } from "./json.js";

/** HTTP method of a route; `ANY` stands for all that `anyMethods` lists. */
export type RouteMethod = "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "ANY";

/** A JSON Schema (dialect 2020-12; older drafts are read where they say the same). */
export type JsonSchema = JsonObject | boolean;

export interface ApiModel {
  /** Any Unicode, up to 200 characters. */
  readonly title: string;
  /** CommonMark; empty for none. */
  readonly summary: string;
  /** `v1`. */
  readonly version: string;
  /** The ingress' public URL (http or https), or null when none is configured. */
  readonly serverUrl: string | null;
  readonly routes: readonly RouteModel[];
  /** Shared schemas by name: `#/components/schemas/<name>` in an operation or another schema leads to one. */
  readonly schemas?: { readonly [name: string]: JsonSchema };
  readonly info?: InfoModel;
  /** Tag Objects of OpenAPI: tags that the document describes, in its order. */
  readonly tags?: readonly JsonObject[];
  /** Header that carries the key. Default: `Connxio-Api-Key`. */
  readonly keyHeaderName?: string;
  /** True when a key of the Api is in WEBHOOK mode, so that it may come by query. */
  readonly webhook: boolean;
  /** A bearer token is demanded beside the key, unless the request is a webhook. Default: false. */
  readonly bearerRequired?: boolean;
}

/** Of an Info Object of OpenAPI 3.1, beside title, description and version. */
export interface InfoModel {
  readonly termsOfService?: string;
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string };
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
}

export interface RouteModel {
  readonly method: RouteMethod;
  /** Those that `ANY` stands for. Default: all. */
  readonly methods?: readonly ConcreteMethod[];
  /** A route pattern of core: `/orders/{id}/files/{path*}`. */
  readonly path: string;
  /** Stored when the route was made (`makeOperationId`) and kept over edits. */
  readonly operationId: string;
  readonly integration: IntegrationModel;
  /** What the document says of the operation. Absent: what the integration says of its bodies. */
  readonly operation?: OperationModel;
  /** The ingress checks requests against the schemas of this route. Default: false. */
  readonly validate?: boolean;
  /** Absent: it has none of its own. */
  readonly limits?: RouteLimitsModel;
}

/** A route's own limits, which all keys share. */
export interface RouteLimitsModel {
  /** From 1. */
  readonly requestBodyBytesMax?: number;
  readonly rateLimit?: RequestLimitModel;
  readonly quota?: RequestLimitModel;
}

/** All from 1. */
export interface RequestLimitModel {
  /** Requests in a window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Requests that may come at once. Absent: all of them. */
  readonly burst?: number;
}

/**
 * An Operation Object of OpenAPI 3.1 without what Latchkey says itself: `operationId`, `security`, `servers`,
 * `callbacks`, and the gateway's own responses. Schemas are JSON Schema 2020-12. The one kind of reference in
 * it is `#/components/schemas/<name>` in a schema; all others are resolved. Held in this form in the database,
 * in GraphQL (`Route.operation`) and, as far as requests and responses are checked by it, on the nodes.
 */
export interface OperationModel {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly externalDocs?: JsonObject;
  readonly parameters?: readonly ParameterModel[];
  readonly requestBody?: RequestBodyModel;
  /** By status: `200`, `2XX` or `default`. */
  readonly responses?: { readonly [status: string]: ResponseModel };
}

/** A Parameter Object of OpenAPI 3.1. Either `schema` or `content` with one media type. */
export interface ParameterModel {
  readonly name: string;
  readonly in: ParameterPlace;
  /** Always true in a path. Default: false. */
  readonly required?: boolean;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly allowEmptyValue?: boolean;
  /** Default: `form` in query and cookie, `simple` in path and header. */
  readonly style?: ParameterStyle;
  /** Default: true for the style `form`, else false. */
  readonly explode?: boolean;
  readonly allowReserved?: boolean;
  readonly schema?: JsonSchema;
  readonly content?: { readonly [mediaType: string]: MediaTypeModel };
  readonly example?: Json;
  readonly examples?: JsonObject;
}

export interface RequestBodyModel {
  readonly description?: string;
  /** Default: false. */
  readonly required?: boolean;
  /** By media type or range. */
  readonly content: { readonly [mediaType: string]: MediaTypeModel };
}

export interface ResponseModel {
  readonly description: string;
  readonly headers?: { readonly [name: string]: JsonObject };
  readonly content?: { readonly [mediaType: string]: MediaTypeModel };
}

export interface MediaTypeModel {
  readonly schema?: JsonSchema;
  readonly example?: Json;
  readonly examples?: JsonObject;
  readonly encoding?: JsonObject;
}

/** The public face of an integration: what goes in and comes out. */
export interface IntegrationModel {
  readonly name: string;
  readonly requestSchema?: JsonSchema;
  readonly responseSchema?: JsonSchema;
  /** Media types or ranges, most wanted first. Default: JSON when there is a schema, else anything. */
  readonly requestContentTypes?: readonly string[];
  readonly responseContentTypes?: readonly string[];
  readonly examples?: { readonly request?: Json; readonly response?: Json };
  /** It takes WebSockets. Default: false. */
  readonly webSockets?: boolean;
}

export const DEFAULT_KEY_HEADER = "Connxio-Api-Key";

/** The flag that goes with a key in WEBHOOK mode, as query parameter or header. */
export const WEBHOOK_FLAG = "Connxio-Api-Webhook";

/**
 * Methods that `ANY` is spelled out to, in the order of the document. TRACE is left out: it is a
 * loop-back test that must carry no content (RFC 9110 §9.3.8), reflects credentials back (cross-site
 * tracing), is refused by API-management importers, and no route can be made for it.
 */
export const anyMethods = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"] as const;

export type ConcreteMethod = (typeof anyMethods)[number];

/** Methods whose request content has a meaning (RFC 9110 §9.3); for others a document shows no body. */
export function hasRequestBody(method: ConcreteMethod): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

/** The key header of a model, if it is a usable header name, else the default. */
export function keyHeaderOf(model: Pick<ApiModel, "keyHeaderName">): string {
  const name = model.keyHeaderName ?? DEFAULT_KEY_HEADER;
  return isToken(name) && name.length <= 128 ? name : DEFAULT_KEY_HEADER;
}
