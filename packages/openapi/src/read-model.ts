/**
 * What a document is made from: an Api as a reader may know it. Holds no key, no upstream URL and no
 * internal id, and the generators read nothing but the fields named here.
 */
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
  /** Header that carries the key. Default: `Connxio-Api-Key`. */
  readonly keyHeaderName?: string;
  /** True when a key of the Api is in WEBHOOK mode, so that it may come by query. */
  readonly webhook: boolean;
}

export interface RouteModel {
  readonly method: RouteMethod;
  /** A route pattern of core: `/orders/{id}/files/{path*}`. */
  readonly path: string;
  /** Stored when the route was made (`makeOperationId`) and kept over edits. */
  readonly operationId: string;
  readonly integration: IntegrationModel;
  /** The ingress checks requests against the schemas of this route. Default: false. */
  readonly validate?: boolean;
  readonly parameters?: RouteParameters;
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
}

/** Schemas of what stands in the URL. */
export interface RouteParameters {
  /** By the parameter's name in the route's pattern. Default schema: a string. */
  readonly path?: { readonly [name: string]: PathParameter };
  readonly query?: readonly QueryParameter[];
}

export interface PathParameter {
  readonly schema?: JsonSchema;
  readonly description?: string;
}

export interface QueryParameter {
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
  /** Default: a string. An array means that the parameter may be repeated. */
  readonly schema?: JsonSchema;
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
export function keyHeaderOf(model: ApiModel): string {
  const name = model.keyHeaderName ?? DEFAULT_KEY_HEADER;
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name) ? name : DEFAULT_KEY_HEADER;
}
