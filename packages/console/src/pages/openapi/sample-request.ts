/** The request that samples of an operation show: its examples where it has some, else what its schemas allow. Pure. */
import type { JsonObject } from "../operation/json.js";
import { initialForm, toRequest } from "../try-it/request-form.js";
import { requestModel } from "../try-it/request-model.js";
import { KEY_PLACEHOLDER } from "../try-it/request-parts.js";
import type { SampleRequest } from "./code-samples.js";
import type { ListedOperation } from "./list-operations.js";
import type { OpenApiDocument } from "./openapi-types.js";
import { resolveRef } from "./resolve-ref.js";

const SERVER_PLACEHOLDER = "https://your-ingress";

export function sampleRequest(
  document: OpenApiDocument,
  { method, path, operation, parameters }: ListedOperation,
): SampleRequest {
  const { requestBody } = operation;
  const resolved: JsonObject = {
    parameters: parameters.map((each) => resolveRef(document, each)),
    ...(requestBody !== undefined && { requestBody: resolveRef(document, requestBody) }),
  };
  const model = requestModel({
    path,
    operation: resolved,
    schemas: { ...document.components?.schemas },
    integration: { requestSchema: null, requestContentTypes: [], examples: [] },
  });
  const request = toRequest(method, path, model, initialForm(model));
  const server = (document.servers?.[0]?.url ?? SERVER_PLACEHOLDER).replace(/\/$/, "");
  return {
    method,
    url: server + request.path,
    headers: [...keyHeaders(document), ...request.headers],
    body: request.body,
  };
}

function keyHeaders(document: OpenApiDocument): readonly (readonly [string, string])[] {
  return Object.values(document.components?.securitySchemes ?? {}).flatMap((scheme) =>
    scheme.type === "apiKey" && scheme.in === "header" && scheme.name !== undefined
      ? [[scheme.name, KEY_PLACEHOLDER] as const]
      : [],
  );
}
