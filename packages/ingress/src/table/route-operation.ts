/**
 * What requests and responses of a route are held to: its operation, and what its integration says of bodies that the
 * operation says nothing of. Compiled when the first request comes, and never again for the same schemas.
 */
import type { IntegrationResource, RouteValue } from "@latchkey/snapshot";
import {
  type ContentSchemas,
  type OperationChecker,
  OperationCheckers,
  type OperationSchemas,
  type RequestBodySchema,
  type SharedSchemas,
} from "@latchkey/validation";

/** One for the process: an API that is applied anew mostly has the schemas it had. */
const checkers = new OperationCheckers();

export class RouteOperation {
  readonly #route: RouteValue;
  readonly #shared: () => SharedSchemas | null;
  /** Whose bodies the checker is for. */
  #integration: IntegrationResource | null = null;
  #checker: OperationChecker | "unusable" = "unusable";

  /** @param shared the API's schemas by name; null: it has none */
  constructor(route: RouteValue, shared: () => SharedSchemas | null) {
    this.#route = route;
    this.#shared = shared;
  }

  /** `unusable`: a schema is no schema. */
  checkerFor(integration: IntegrationResource): OperationChecker | "unusable" {
    if (integration !== this.#integration) {
      const shared = this.#shared();
      this.#checker = this.#checkerAnew(integration, shared);
      // Until large schemas are scanned, threads check what leads to them.
      this.#integration = shared === null || shared.isScanned ? integration : null;
    }
    return this.#checker;
  }

  #checkerAnew(
    integration: IntegrationResource,
    shared: SharedSchemas | null,
  ): OperationChecker | "unusable" {
    try {
      return checkers.of(this.#schemasWith(integration), shared);
    } catch {
      return "unusable";
    }
  }

  /** Throws when the operation or a schema is no JSON. */
  #schemasWith(integration: IntegrationResource): OperationSchemas {
    const { validate, responseValidation, operation: text } = this.#route;
    const operation = (text === null ? {} : JSON.parse(text)) as OperationSchemas;
    const schemas: OperationSchemas = {
      ...(validate
        ? {
            parameters: operation.parameters ?? [],
            requestBody: operation.requestBody ?? requestBodyOf(integration),
          }
        : {}),
      ...(responseValidation === "off" ? {} : { responses: responsesOf(operation.responses, integration) }),
    };
    return schemas;
  }
}

function requestBodyOf(integration: IntegrationResource): RequestBodySchema | null {
  const content = contentOf(integration.requestSchema, integration.requestContentTypes);
  return content === null ? null : { required: integration.requestSchema !== null, content };
}

/** Of a route whose operation has no response with 2xx: what its integration says of those, and anything else. */
function responsesOf(
  responses: OperationSchemas["responses"],
  integration: IntegrationResource,
): OperationSchemas["responses"] {
  const known = responses ?? {};
  if (Object.keys(known).some((status) => status.startsWith("2"))) return known;
  const content = contentOf(integration.responseSchema, integration.responseContentTypes);
  if (content === null) return responses;
  return responses === undefined ? { "2XX": { content }, default: {} } : { ...known, "2XX": { content } };
}

/** Null: nothing is said. */
function contentOf(schemaText: string | null, types: readonly string[]): ContentSchemas | null {
  if (schemaText === null && types.length === 0) return null;
  const media = schemaText === null ? {} : { schema: JSON.parse(schemaText) as unknown };
  const ranges = types.length > 0 ? types : ["application/json"];
  return Object.fromEntries(ranges.map((range) => [range, media]));
}
