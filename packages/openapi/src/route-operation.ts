/**
 * What a document shows of a route: its operation, and where that says nothing of a body, what the integration says. The
 * way back: operations that one route for any method was spelled out to become that route's operation again.
 */
import { cleanJson, equalJson, type Json } from "./json.js";
import { isMediaRange, takesJson } from "./media-range.js";
import {
  type ConcreteMethod,
  hasRequestBody,
  type IntegrationModel,
  type JsonSchema,
  type MediaTypeModel,
  type OperationModel,
  type RequestBodyModel,
  type ResponseModel,
  type RouteMethod,
  type RouteModel,
} from "./read-model.js";

const RESPONSE_DESCRIPTION = "The integration's response.";
const ANY_RESPONSE_DESCRIPTION = "The integration's response, passed on with its status, headers and body.";
const HEAD_RESPONSE_DESCRIPTION = "The status and headers of the integration's response.";
const ANY_REQUEST_DESCRIPTION = "Any content; it is passed on to the integration unchanged.";
const REQUEST_DESCRIPTION = "What the integration takes.";

export type Side = "Request" | "Response";

/** How an integration's schema is shown: a reference to it, or to the one for any content. */
export type SchemaOf = (schema: JsonSchema | undefined, side: Side) => JsonSchema;

/** The operation as one method of the route shows it. */
export function shownOperation(
  route: RouteModel,
  method: ConcreteMethod,
  schemaOf: SchemaOf,
): OperationModel {
  const operation = route.operation ?? {};
  const ofAny = route.method === "ANY";
  const { requestBody: given, responses, ...rest } = operation;
  const shown = given ?? integrationRequest(route, method, schemaOf);
  const requestBody = ofAny && !hasRequestBody(method) ? undefined : shown;
  const all = responsesOf(route, responses, method, schemaOf);
  return {
    ...rest,
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: ofAny && method === "HEAD" ? withoutContent(all) : all,
  };
}

function integrationRequest(
  { integration, operation }: RouteModel,
  method: ConcreteMethod,
  schemaOf: SchemaOf,
): RequestBodyModel | undefined {
  if (!hasRequestBody(method)) return undefined;
  const { requestSchema } = integration;
  // A document that describes no body means none.
  if (operation !== undefined && !saysSomething(integration, "Request")) return undefined;
  return {
    description: requestSchema === undefined ? ANY_REQUEST_DESCRIPTION : REQUEST_DESCRIPTION,
    content: integrationContent(integration, "Request", schemaOf),
    ...(requestSchema === undefined ? {} : { required: true }),
  };
}

function responsesOf(
  route: RouteModel,
  given: OperationModel["responses"],
  method: ConcreteMethod,
  schemaOf: SchemaOf,
): NonNullable<OperationModel["responses"]> {
  const statuses = Object.keys(given ?? {});
  const saysSuccess = statuses.some((status) => status.startsWith("2") || status === "default");
  if (
    given !== undefined &&
    (saysSuccess || (statuses.length > 0 && !saysSomething(route.integration, "Response")))
  )
    return given;
  const { responseSchema } = route.integration;
  const success: ResponseModel =
    method === "HEAD"
      ? { description: HEAD_RESPONSE_DESCRIPTION }
      : {
          description: responseSchema === undefined ? ANY_RESPONSE_DESCRIPTION : RESPONSE_DESCRIPTION,
          content: integrationContent(route.integration, "Response", schemaOf),
        };
  return { "200": success, ...given };
}

function withoutContent(
  responses: NonNullable<OperationModel["responses"]>,
): NonNullable<OperationModel["responses"]> {
  const entries = Object.entries(responses).map(([status, response]): [string, ResponseModel] => {
    const { content, ...rest } = response;
    return [status, content === undefined ? response : { ...rest, description: HEAD_RESPONSE_DESCRIPTION }];
  });
  return Object.fromEntries(entries);
}

function saysSomething(integration: IntegrationModel, side: Side): boolean {
  return side === "Request"
    ? integration.requestSchema !== undefined ||
        (integration.requestContentTypes ?? []).length > 0 ||
        integration.examples?.request !== undefined
    : integration.responseSchema !== undefined ||
        (integration.responseContentTypes ?? []).length > 0 ||
        integration.examples?.response !== undefined;
}

/** Media types of an integration's bodies, those that are none left out. */
export function integrationTypes(integration: IntegrationModel, side: Side): readonly string[] {
  const schema = side === "Request" ? integration.requestSchema : integration.responseSchema;
  const given = side === "Request" ? integration.requestContentTypes : integration.responseContentTypes;
  const types = [...new Set((given ?? []).map((type) => type.trim().toLowerCase()))].filter(isMediaRange);
  return types.length > 0 ? types : [schema === undefined ? "*/*" : "application/json"];
}

function integrationContent(
  integration: IntegrationModel,
  side: Side,
  schemaOf: SchemaOf,
): { readonly [mediaType: string]: MediaTypeModel } {
  const schema = schemaOf(side === "Request" ? integration.requestSchema : integration.responseSchema, side);
  const example = side === "Request" ? integration.examples?.request : integration.examples?.response;
  const entries = integrationTypes(integration, side).map((type): [string, MediaTypeModel] => [
    type,
    { schema, ...(example !== undefined && takesJson(type) ? { example: cleanJson(example) } : {}) },
  ]);
  return Object.fromEntries(entries);
}

/**
 * The one operation that is shown as all of these by a route for any method; null when none is.
 *
 * @param schemaOf must not be called: what is read has its own schemas
 */
export function joinedOperation(
  operations: readonly { readonly method: ConcreteMethod; readonly operation: OperationModel }[],
): OperationModel | null {
  const main = operations.find(({ method }) => method !== "HEAD") ?? operations[0];
  const withBody = operations.find(({ method }) => hasRequestBody(method));
  if (main === undefined) return null;
  const { requestBody: _own, ...rest } = main.operation;
  const body = withBody?.operation.requestBody;
  const joined: OperationModel = { ...rest, ...(body === undefined ? {} : { requestBody: body }) };
  const route: RouteModel = {
    method: "ANY",
    path: "/",
    operationId: "",
    integration: { name: "" },
    operation: joined,
  };
  const isShown = operations.every(({ method, operation }) => {
    const { responses = {}, ...others } = shownOperation(route, method, () => true);
    return equalOperations({ ...others, responses }, { ...operation, responses: operation.responses ?? {} });
  });
  return isShown ? joined : null;
}

/**
 * True for an operation that says no more than a document says of a route whose contract is unknown.
 *
 * @param methods of the route that the document has
 */
export function isUnknownContract(
  operation: OperationModel,
  method: RouteMethod,
  methods: readonly ConcreteMethod[],
  anySchema: JsonSchema,
): boolean {
  const { summary: _name, ...rest } = operation;
  const route: RouteModel = { method, path: "/", operationId: "", integration: { name: "" } };
  // What is joined has the body of one method and all else of another.
  const shown = methods.find(hasRequestBody) ?? methods.find((one) => one !== "HEAD") ?? methods[0];
  return (
    shown !== undefined &&
    equalOperations(
      shownOperation(route, shown, () => anySchema),
      rest,
    )
  );
}

function equalOperations(a: OperationModel, b: OperationModel): boolean {
  return equalJson(a as unknown as Json, b as unknown as Json);
}
