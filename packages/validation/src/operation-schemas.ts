/**
 * What requests and responses of an operation are held to: the parts of an OpenAPI 3.1 Operation Object that say so,
 * under the names that they have there. Schemas are JSON Schema 2020-12.
 */

import type { ParameterPlace, ParameterStyle } from "@latchkey/core";

/** A Parameter Object. Neither `schema` nor `content`: any text. */
export interface ParameterSchema {
  readonly in: ParameterPlace;
  /** In a path: the parameter's name in the route's pattern. */
  readonly name: string;
  /** Default: false. Says nothing in a path, where every parameter is there. */
  readonly required?: boolean | undefined;
  /** Default: `form` in query and cookie, `simple` in path and header. */
  readonly style?: ParameterStyle | undefined;
  /** Default: true for the style `form`, else false. */
  readonly explode?: boolean | undefined;
  readonly allowEmptyValue?: boolean | undefined;
  readonly allowReserved?: boolean | undefined;
  readonly schema?: unknown;
  /** One media type; only JSON is read. */
  readonly content?: ContentSchemas | undefined;
}

/** By media type or range. */
export type ContentSchemas = { readonly [mediaType: string]: MediaTypeSchema };

/** A Media Type Object. */
export interface MediaTypeSchema {
  readonly schema?: unknown;
  /** Encoding Objects by property, of forms. */
  readonly encoding?: { readonly [property: string]: EncodingSchema } | undefined;
}

export interface EncodingSchema {
  /** Media types or ranges, separated by commas. */
  readonly contentType?: string | undefined;
  readonly style?: ParameterStyle | undefined;
  readonly explode?: boolean | undefined;
  readonly allowReserved?: boolean | undefined;
}

export interface RequestBodySchema {
  /** Default: false. */
  readonly required?: boolean | undefined;
  /** Empty: any content type. */
  readonly content: ContentSchemas;
}

/** A Header Object: a parameter without place and name. */
export type HeaderSchema = Omit<ParameterSchema, "in" | "name">;

/** A Response Object. */
export interface ResponseSchema {
  readonly headers?: { readonly [name: string]: HeaderSchema } | undefined;
  readonly content?: ContentSchemas | undefined;
}

export interface OperationSchemas {
  readonly parameters?: readonly ParameterSchema[] | undefined;
  /** Absent or null: any body. */
  readonly requestBody?: RequestBodySchema | null | undefined;
  /** By status: `200`, `2XX` or `default`. Absent: any response. */
  readonly responses?: { readonly [status: string]: ResponseSchema } | undefined;
  /** What `#/components/schemas/<name>` leads to; `elsewhere`: only a thread has them, because they are large. */
  readonly schemas?: { readonly [name: string]: unknown } | "elsewhere" | undefined;
}
