/** An Api as the document generators want it, read over the public GraphQL API. */
import {
  type ApiModel,
  exampleValue,
  type InfoModel,
  type Json,
  type JsonObject,
  type JsonSchema,
  type OperationModel,
  type RouteModel,
  withinScopes,
} from "@latchkey/openapi";
import { type GraphqlClient, GraphqlRequestError } from "./graphql-client.js";
import { findId } from "./resources/find.js";

interface IntegrationResponse {
  readonly name: string;
  readonly webSockets: boolean;
  readonly requestSchema: string | null;
  readonly responseSchema: string | null;
  readonly requestContentTypes: readonly string[];
  readonly responseContentTypes: readonly string[];
  readonly examples: readonly {
    readonly direction: "REQUEST" | "RESPONSE";
    readonly contentType: string;
    readonly value: string;
  }[];
}

interface Response {
  readonly server: { readonly ingressUrl: string | null; readonly keyHeader: string };
  readonly apiKey?: {
    readonly api: { readonly id: string };
    readonly mode: string;
    readonly scopes: readonly { readonly method: string; readonly path: string }[];
  } | null;
  readonly webhookKeys: { readonly totalCount: number };
  readonly api: {
    readonly title: string;
    readonly summary: string;
    readonly versionLabel: string;
    readonly bearerRequired: boolean;
    readonly schemas: { readonly [name: string]: JsonSchema } | null;
    readonly tags: readonly JsonObject[];
    readonly info: InfoModel | null;
    readonly routes: readonly {
      readonly method: RouteModel["method"];
      readonly path: string;
      readonly operationId: string;
      readonly validate: boolean;
      readonly operation: OperationModel | null;
      readonly integration: IntegrationResponse;
    }[];
  } | null;
}

const query = `query($id: ID!, $keyId: ID!, $withKey: Boolean!) {
  apiKey(id: $keyId) @include(if: $withKey) { api { id } mode scopes { method path } }
  server { ingressUrl keyHeader }
  webhookKeys: apiKeys(first: 0, filter: { apiId: $id, mode: WEBHOOK }) { totalCount }
  api(id: $id) {
    title summary versionLabel bearerRequired schemas tags info
    routes {
      method path operationId validate operation
      integration {
        name webSockets requestSchema responseSchema requestContentTypes responseContentTypes
        examples { direction contentType value }
      }
    }
  }
}`;

/**
 * @param key one of the API's, by id or name: only what its scopes admit
 * @throws GraphqlRequestError when no API has this id or title, or several have the title
 */
export async function readApiModel(
  client: GraphqlClient,
  idOrTitle: string,
  key?: string,
): Promise<ApiModel> {
  const apiId = await findId(client, "api", idOrTitle);
  const keyId = key === undefined ? null : await findId(client, "key", key, "--key");
  const { server, webhookKeys, api, apiKey } = await client.query<Response>(query, {
    id: apiId,
    keyId: keyId ?? "",
    withKey: keyId !== null,
  });
  if (api === null) throw new GraphqlRequestError(`the API ${apiId} was deleted meanwhile`);
  if (keyId !== null && apiKey?.api.id !== apiId)
    throw new GraphqlRequestError(`--key: the key ${keyId} is not of this API`);
  const scopes = (apiKey?.scopes ?? []).map(({ method, path }) => ({ method, pattern: path }));
  const model: ApiModel = {
    title: api.title,
    summary: api.summary,
    version: api.versionLabel,
    serverUrl: server.ingressUrl,
    keyHeaderName: server.keyHeader,
    bearerRequired: api.bearerRequired,
    webhook: apiKey ? apiKey.mode === "WEBHOOK" : webhookKeys.totalCount > 0,
    ...(api.schemas === null ? {} : { schemas: api.schemas }),
    ...(api.tags.length === 0 ? {} : { tags: api.tags }),
    ...(api.info === null ? {} : { info: api.info }),
    routes: api.routes.map(({ integration, operation, ...route }) => ({
      ...route,
      ...(operation === null ? {} : { operation }),
      integration: integrationOf(integration),
    })),
  };
  return withinScopes(model, scopes);
}

function integrationOf(integration: IntegrationResponse): RouteModel["integration"] {
  const exampleOf = (direction: "REQUEST" | "RESPONSE"): Json | undefined => {
    const example = integration.examples.find((one) => one.direction === direction);
    return example && exampleValue(example.contentType, example.value);
  };
  const request = exampleOf("REQUEST");
  const response = exampleOf("RESPONSE");
  return {
    name: integration.name,
    ...(integration.webSockets ? { webSockets: true } : {}),
    ...(integration.requestSchema === null
      ? {}
      : { requestSchema: JSON.parse(integration.requestSchema) as JsonSchema }),
    ...(integration.responseSchema === null
      ? {}
      : { responseSchema: JSON.parse(integration.responseSchema) as JsonSchema }),
    ...(integration.requestContentTypes.length === 0
      ? {}
      : { requestContentTypes: integration.requestContentTypes }),
    ...(integration.responseContentTypes.length === 0
      ? {}
      : { responseContentTypes: integration.responseContentTypes }),
    examples: {
      ...(request === undefined ? {} : { request }),
      ...(response === undefined ? {} : { response }),
    },
  };
}
