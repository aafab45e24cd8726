/**
 * An Api as ingress nodes know it: of operations and schemas only what requests and responses are checked by. Some hundred
 * milliseconds for a large Api, in short turns of the event loop.
 */
import { Pauses } from "@latchkey/core";
import type { OperationModel, ParameterModel, ResponseModel } from "@latchkey/openapi";
import type { ApiResource } from "@latchkey/snapshot";
import type { ApiWithRoutes, Route } from "./api.js";
import { reachedSchemas } from "./shared-schemas.js";

/** `document`: the OpenAPI document in UTF-8, or null when nodes serve none. Equal contents give equal bytes. */
export async function toApiResource(
  { api, routes, components }: ApiWithRoutes,
  document: Uint8Array | null,
): Promise<ApiResource> {
  const pauses = new Pauses();
  const operations: (string | null)[] = [];
  for (const route of routes) {
    operations.push(checkedOperation(route));
    await pauses.pause();
  }
  return {
    kind: "api",
    id: api.id,
    subscriptionId: api.subscriptionId,
    title: api.title,
    versionLabel: api.versionLabel,
    routes: routes.map((route, i) => toRouteResource(route, operations[i] ?? null)),
    openapiJson: document,
    bearerRequired: api.bearerRequired,
    cors: api.cors,
    ipRules: api.ipRules,
    rateLimit: api.rateLimit,
    quota: api.quota,
    recording: api.recording && { untilMs: api.recording.untilMs, mask: api.recording.mask },
    schemas: await reachedSchemas(
      operations.filter((text) => text !== null),
      components.schemas,
    ),
  };
}

/** @param operation what the route is checked by */
export function toRouteResource(route: Route, operation: string | null): ApiResource["routes"][number] {
  return {
    id: route.id,
    method: route.method,
    pattern: route.pattern,
    integrationId: route.integrationId,
    validate: route.validate,
    operation,
    responseValidation: route.responseValidation,
    headerRules: route.headerRules,
    requestBodyBytesMax: route.requestBodyBytesMax,
    rateLimit: route.rateLimit,
    quota: route.quota,
  };
}

/** JSON text of what a route is checked by; null when its operation says nothing of it. */
export function checkedOperation({
  operation,
  validate,
  responseValidation,
}: Pick<Route, "operation" | "validate" | "responseValidation">): string | null {
  const validatesResponses = responseValidation !== "off";
  if (operation === null || !(validate || validatesResponses)) return null;
  const { parameters = [], requestBody, responses = {} } = JSON.parse(operation) as OperationModel;
  const checked = {
    ...(validate && parameters.length > 0 && { parameters: parameters.map(checkedParameter) }),
    ...(validate &&
      requestBody !== undefined && {
        requestBody: {
          required: requestBody.required ?? false,
          content: checkedContent(requestBody.content),
        },
      }),
    ...(validatesResponses &&
      Object.keys(responses).length > 0 && { responses: mapped(responses, checkedResponse) }),
  };
  return Object.keys(checked).length === 0 ? null : JSON.stringify(checked);
}

function checkedParameter(parameter: ParameterModel): object {
  const { name, in: place, required, style, explode, allowEmptyValue, schema, content } = parameter;
  // What is undefined is not written.
  return {
    name,
    in: place,
    required,
    style,
    explode,
    allowEmptyValue,
    schema,
    content: content && checkedContent(content),
  };
}

function checkedResponse({ headers, content }: ResponseModel): object {
  return {
    headers:
      headers &&
      mapped(headers, ({ required, style, explode, schema, content: inHeader }) => ({
        required,
        style,
        explode,
        schema,
        content: inHeader && checkedContent(inHeader as NonNullable<ResponseModel["content"]>),
      })),
    content: content && checkedContent(content),
  };
}

function checkedContent(content: NonNullable<ResponseModel["content"]>): object {
  return mapped(content, ({ schema, encoding }) => ({ schema, encoding }));
}

function mapped<T, R>(
  values: { readonly [name: string]: T },
  map: (value: T) => R,
): { readonly [name: string]: R } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
