/** An Api as the document generators want it, read over the public GraphQL API. */
import {
  type ApiModel,
  exampleValue,
  type Json,
  type JsonObject,
  type JsonSchema,
  type OperationModel,
  type RouteModel,
} from "@latchkey/openapi";
import { type GraphqlClient, GraphqlRequestError } from "./graphql-client.js";
import { findId } from "./resources/find.js";

interface IntegrationResponse {
  readonly name: string;
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
  readonly api: {
    readonly title: string;
    readonly summary: string;
    readonly versionLabel: string;
    readonly bearerRequired: boolean;
    readonly schemas: { readonly [name: string]: JsonSchema } | null;
    readonly tags: readonly JsonObject[];
    readonly keys: { readonly nodes: readonly { readonly mode: string }[] };
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

const query = `query($id: ID!) {
  server { ingressUrl keyHeader }
  api(id: $id) {
    title summary versionLabel bearerRequired schemas tags
    keys(first: 100) { nodes { mode } }
    routes {
      method path operationId validate operation
      integration {
        name requestSchema responseSchema requestContentTypes responseContentTypes
        examples { direction contentType value }
      }
    }
  }
}`;

/** @throws GraphqlRequestError when no API has this id or title, or several have the title */
export async function readApiModel(client: GraphqlClient, idOrTitle: string): Promise<ApiModel> {
  const apiId = await findId(client, "api", idOrTitle);
  const { server, api } = await client.query<Response>(query, { id: apiId });
  if (api === null) throw new GraphqlRequestError(`the API ${apiId} was deleted meanwhile`);
  return {
    title: api.title,
    summary: api.summary,
    version: api.versionLabel,
    serverUrl: server.ingressUrl,
    keyHeaderName: server.keyHeader,
    bearerRequired: api.bearerRequired,
    webhook: api.keys.nodes.some((key) => key.mode === "WEBHOOK"),
    ...(api.schemas === null ? {} : { schemas: api.schemas }),
    ...(api.tags.length === 0 ? {} : { tags: api.tags }),
    routes: api.routes.map(({ integration, operation, ...route }) => ({
      ...route,
      ...(operation === null ? {} : { operation }),
      integration: integrationOf(integration),
    })),
  };
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
