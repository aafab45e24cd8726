/**
 * A typed client for an Api: types by openapi-typescript, calls by openapi-fetch, one file that imports
 * nothing else. No text of the Api becomes code but through the generator, which escapes it.
 */

import { publicUrl } from "./document-server.js";
import { GATEWAY_RESPONSE_NAME } from "./gateway-response.js";
import { type MutableJsonObject, wellFormed } from "./json.js";
import { assignSlots } from "./path-slots.js";
import { hideInheritedNames, showInheritedNames } from "./prototype-names.js";
import { type ApiModel, keyHeaderOf } from "./read-model.js";
import { type OpenApiDocument, toOpenApi } from "./to-openapi.js";

/** What the generated file imports: a dependency of its users, not of this package. */
const IMPORT = `import createClient, { type Client, type ClientOptions } from ${JSON.stringify("openapi-fetch")};`;

/** The source text of the client, to be compiled beside the npm package `openapi-fetch` (0.17 or later). */
export async function toTypeScriptClient(model: ApiModel): Promise<string> {
  const { astToString, default: openapiTypescript } = await import("openapi-typescript");
  const document = withTypedErrors(toOpenApi(model, { version: "3.1" }));
  const needsToken = model.bearerRequired === true;
  const types = await openapiTypescript(hideInheritedNames(document) as never, { alphabetize: false });
  const restParameters: { [path: string]: string } = {};
  for (const { path, slots } of assignSlots(model.routes, { starForRest: false }, () => {})) {
    const rests = slots.map(({ parameters }) => parameters.find((one) => one.restSegments !== null)?.name);
    // Where one method of the path takes a single segment, a slash must not lead its value elsewhere.
    if (rests[0] !== undefined && !rests.includes(undefined)) restParameters[path] = rests[0];
  }
  return `/**
 * A typed client, made by Latchkey. Make it again when the API changes; do not edit.
 *
 *     const api = createApiClient({ apiKey: process.env.API_KEY });
 */
${IMPORT}

/** The public URL when this file was made; null when none was configured. */
export const DEFAULT_BASE_URL: string | null = ${literal(publicUrl(model.serverUrl))};

/** Request header that carries the key. */
export const KEY_HEADER = ${literal(keyHeaderOf(model))};

export interface ApiClientOptions extends Omit<ClientOptions, "pathSerializer"> {
  /** The API key. Keep it out of source text. */
  readonly apiKey: string;${needsToken ? BEARER_OPTION : ""}
}

/** Path → the parameter that takes the rest of the path, whose slashes are kept. */
const REST_PARAMETERS: { readonly [path: string]: string } = ${literal(restParameters)};

export function createApiClient(options: ApiClientOptions): Client<paths> {
  const { apiKey, ${needsToken ? "bearerToken, " : ""}headers, baseUrl = DEFAULT_BASE_URL, ...rest } = options;
  if (baseUrl === null) throw new TypeError("baseUrl is needed: the document names no host");
  // openapi-fetch puts the base before the path that it has serialised.
  const base = baseUrl.replace(/\\/$/, "");
  const client = createClient<paths>({
    ...rest,
    baseUrl,
    headers: { ...(headers as Record<string, string> | undefined), [KEY_HEADER]: apiKey },
    pathSerializer: (url, parameters) =>
      url.replace(/\\{([^{}]+)\\}/g, (placeholder, name: string) => {
        const value = parameters[name];
        if (value === undefined || value === null) return placeholder;
        const text = String(value);
        return REST_PARAMETERS[url.slice(base.length)] === name
          ? text.split("/").map(encodeURIComponent).join("/")
          : encodeURIComponent(text);
      }),
  });${needsToken ? BEARER_USE : ""}
  return client;
}

${showInheritedNames(wellFormed(astToString(types))).replace(WITH_REQUIRED, WITH_REQUIRED_OF_ANY)}`;
}

/** A helper of openapi-typescript: does not compile for a type that may be null, or whose union lacks the property in places. */
const WITH_REQUIRED = /type WithRequired<T, K extends keyof T> = T & \{\s*\[P in K\]-\?: T\[P\];\s*\};/g;
const WITH_REQUIRED_OF_ANY = `type WithRequired<T, K extends PropertyKey> = T & {
    [P in K]-?: P extends keyof NonNullable<T> ? NonNullable<T>[P] : unknown;
};`;

const BEARER_OPTION = `
  /** The bearer token that the API demands beside the key, or a function that gives one for each request. */
  readonly bearerToken: string | (() => string | Promise<string>);`;

const BEARER_USE = `
  client.use({
    async onRequest({ request }) {
      const token = typeof bearerToken === "string" ? bearerToken : await bearerToken();
      request.headers.set("Authorization", \`Bearer \${token}\`);
      return request;
    },
  });`;

/** Errors are of the gateway's form, or as the operation describes them: `unknown` would take both forms away. */
function withTypedErrors(document: OpenApiDocument): OpenApiDocument {
  const copy = structuredClone(document) as {
    components?: { responses?: { [name: string]: { content?: MutableJsonObject } } };
  };
  delete copy.components?.responses?.[GATEWAY_RESPONSE_NAME]?.content?.["*/*"];
  return copy as unknown as OpenApiDocument;
}

/** JSON as TypeScript: U+2028 and U+2029 are fine there since ES2019. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
