/**
 * An Api as an OpenAPI document: 3.0.3, which API-management products import, or 3.1.1. The same model
 * gives the same document to the byte. Reads only the fields of the read model, so nothing else can leak.
 */

import { PROBLEM_CONTENT_TYPE } from "@latchkey/core";
import { withAzureSchemas } from "./azure-schemas.js";
import { parametersOf } from "./document-parameters.js";
import { serverOf } from "./document-server.js";
import {
  GATEWAY_RESPONSE_NAME,
  gatewayResponse,
  isGatewayStatus,
  problemMedia,
  problemName,
  problemSchema,
} from "./gateway-response.js";
import { infoFields } from "./info.js";
import {
  cleanJson,
  type JsonObject,
  type MutableJsonObject,
  member,
  pointerOf,
  put,
  truncate,
  wellFormed,
} from "./json.js";
import {
  type OperationFields,
  operationFields,
  operationSentences,
  withSentences,
} from "./latchkey-fields.js";
import type { LintWarning, Warn } from "./lint-warning.js";
import { isMediaRange, takesJson } from "./media-range.js";
import { cleanOperation } from "./operation-object.js";
import { assignSlots, type PathSlots, type Slot } from "./path-slots.js";
import { type ApiModel, hasRequestBody, type IntegrationModel, type OperationModel } from "./read-model.js";
import { integrationTypes, type Side, shownOperation } from "./route-operation.js";
import { SchemaComponents, SchemaNames, type SpecVersion } from "./schema-components.js";
import { securityOf, securitySchemesOf } from "./security.js";
import { shareParts } from "./shared-parts.js";
import { tagObject, tagOf, UNTITLED } from "./tags.js";

export interface OpenApiOptions {
  readonly version: SpecVersion;
  /** `azure-apim`: a document for import there; catch-alls become `/*`, and the version must be 3.0. */
  readonly target?: "azure-apim";
  /** Parameters and responses that are there more than once stand under `components`. Default: true, but for Azure. */
  readonly shareParts?: boolean;
}

export type OpenApiDocument = JsonObject & { readonly openapi: string };

const specVersions = { "3.0": "3.0.3", "3.1": "3.1.1" } as const;

/** Azure cuts display names off here. */
const AZURE_SUMMARY_CHARS_MAX = 300;

/** The document of an Api. Throws RangeError when the target cannot take the version. */
export function toOpenApi(model: ApiModel, options: OpenApiOptions): OpenApiDocument {
  return generate(model, options, () => {});
}

/** The document with everything there is to say about it. */
export function toOpenApiWithWarnings(
  model: ApiModel,
  options: OpenApiOptions,
): { readonly document: OpenApiDocument; readonly warnings: readonly LintWarning[] } {
  const warnings: LintWarning[] = [];
  const seen = new Set<string>();
  const document = generate(model, options, (code, message, tokens = []) => {
    const pointer = pointerOf(tokens);
    const key = `${code} ${pointer} ${message}`;
    if (!seen.has(key)) warnings.push({ code, message, pointer });
    seen.add(key);
  });
  return { document, warnings };
}

function generate(model: ApiModel, options: OpenApiOptions, warn: Warn): OpenApiDocument {
  if (options.target === "azure-apim" && options.version !== "3.0") {
    throw new RangeError("Azure API Management takes OpenAPI 3.0 in full; ask for version 3.0.");
  }
  const azure = options.target === "azure-apim";
  // Its schemas are cut where they recurse; what is said of others is not of them.
  const document = new Generator(model, options, (code, message, tokens) => {
    if (!azure || code !== "schema.recursive") warn(code, message, tokens);
  }).document();
  return azure ? (withAzureSchemas(document, warn) as OpenApiDocument) : document;
}

class Generator {
  readonly #model: ApiModel;
  readonly #options: OpenApiOptions;
  readonly #warn: Warn;
  readonly #title: string;
  #usesGatewayResponse = false;
  #usesProblem = false;

  constructor(model: ApiModel, options: OpenApiOptions, warn: Warn) {
    this.#model = model;
    this.#options = options;
    this.#warn = warn;
    this.#title = wellFormed(model.title).trim() === "" ? UNTITLED : wellFormed(model.title);
  }

  document(): OpenApiDocument {
    const model = this.#model;
    const star = this.#options.target === "azure-apim";
    const paths = assignSlots(model.routes, { starForRest: star }, this.#warn);
    const summary = wellFormed(model.summary);
    const server = serverOf(model.serverUrl, this.#warn);
    const { items, schemas, problem } = this.#items(paths);
    // Azure takes no responses from components.
    const shared =
      star || this.#options.shareParts === false
        ? { paths: items, parameters: {}, responses: {} }
        : shareParts(items, new Set([GATEWAY_RESPONSE_NAME]), Object.keys(schemas));
    const responses = {
      ...(!this.#usesGatewayResponse ? {} : { [GATEWAY_RESPONSE_NAME]: gatewayResponse(problem) }),
      ...shared.responses,
    };
    return {
      openapi: specVersions[this.#options.version],
      info: {
        title: this.#title,
        ...(summary === "" ? {} : { description: summary }),
        ...infoFields(model.info ?? {}, this.#options.version),
        version: wellFormed(model.version) || "v1",
      },
      servers: [server],
      ...this.#tags(paths),
      paths: shared.paths,
      components: {
        ...unlessEmpty("schemas", schemas),
        ...unlessEmpty("responses", responses),
        ...unlessEmpty("parameters", shared.parameters),
        securitySchemes: securitySchemesOf(model),
      },
      security: securityOf(model),
    };
  }

  /** The path items with the schemas that they refer to, and the name of the gateway's problem among these. */
  #items(paths: readonly PathSlots[]): {
    readonly items: JsonObject;
    readonly schemas: JsonObject;
    readonly problem: string;
  } {
    const names = new SchemaNames(this.#model, this.#warn);
    const shown = paths.flatMap(({ path, slots }) =>
      slots.map((slot) => ({ path, slot, operation: this.#shown(path, slot, names) })),
    );
    const problem = problemName((name) => names.has(name));
    const components = new SchemaComponents(names.schemas, this.#options.version, this.#warn);
    const read = shown.map((one) => ({ ...one, operation: components.read(one.operation, tokensOf(one)) }));
    const schemas: MutableJsonObject = {};
    const entries: [string, JsonObject][] = [...components.components()];
    const items: MutableJsonObject = {};
    for (const { path, slot, operation } of read) {
      const item = (member(items, path) ?? {}) as MutableJsonObject;
      const written = components.write(operation, tokensOf({ path, slot }));
      item[slot.method.toLowerCase()] = this.#operation(path, slot, written, problem);
      put(items, path, item);
    }
    if (this.#usesProblem) entries.push([problem, problemSchema]);
    for (const [name, schema] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) put(schemas, name, schema);
    return { items, schemas, problem };
  }

  #shown(path: string, slot: Slot, names: SchemaNames): OperationModel {
    const { route } = slot;
    const { integration } = route;
    const tokens = tokensOf({ path, slot });
    if (route.operation?.requestBody === undefined) this.#warnOfRequest(slot, tokens);
    this.#warnOfTypes(integration, "Request", tokens);
    this.#warnOfTypes(integration, "Response", tokens);
    const shown = shownOperation(
      route.operation === undefined ? route : { ...route, operation: cleanOperation(route.operation) },
      slot.method,
      (schema, side) => names.reference(schema, side, integration.name, route.operationId),
    );
    return cleanOperation(shown);
  }

  #warnOfRequest({ route, method }: Slot, tokens: readonly string[]): void {
    if (hasRequestBody(method) || route.method === "ANY") return;
    if (route.integration.requestSchema === undefined) return;
    this.#warn("body.not_shown", `Content has no meaning in a ${method} request, so none is shown.`, tokens);
  }

  #warnOfTypes(integration: IntegrationModel, side: Side, tokens: readonly string[]): void {
    const given = side === "Request" ? integration.requestContentTypes : integration.responseContentTypes;
    if ((given ?? []).some((type) => !isMediaRange(type.trim().toLowerCase())))
      this.#warn(
        "content_type.invalid",
        `A content type of ${side.toLowerCase()}s is no media type.`,
        tokens,
      );
    const example = side === "Request" ? integration.examples?.request : integration.examples?.response;
    if (example !== undefined && !integrationTypes(integration, side).some(takesJson))
      this.#warn("example.not_shown", "An example is JSON, and no content type of the route is.", tokens);
  }

  /** Those that the Api describes, then those that operations get because they have none. */
  #tags(paths: readonly PathSlots[]): JsonObject {
    const given = (this.#model.tags ?? []).map((tag) => cleanJson(tag) as JsonObject);
    const described = new Set(given.map(({ name }) => name));
    const made = new Set<string>();
    for (const { path, slots } of paths) {
      if (slots.some(({ route }) => route.operation?.tags === undefined)) made.add(tagOf(path, this.#title));
    }
    const tags = [
      ...given,
      ...[...made]
        .filter((name) => !described.has(name))
        .sort((a, b) => (a < b ? -1 : 1))
        .map(tagObject),
    ];
    return tags.length === 0 ? {} : { tags };
  }

  #operation(path: string, slot: Slot, shown: OperationModel, problem: string): JsonObject {
    const { route } = slot;
    const tokens = tokensOf({ path, slot });
    const { limits = {} } = route;
    const fields: OperationFields = {
      any: route.method === "ANY" && route.methods === undefined,
      webSockets: slot.method === "GET" && route.integration.webSockets === true,
      limits: Object.keys(limits).length === 0 ? null : limits,
      restName: this.#options.target === "azure-apim" ? restNameOf(slot) : null,
    };
    const description = withSentences(wellFormed(shown.description ?? ""), operationSentences(fields));
    const tags = shown.tags ?? [tagOf(path, this.#title)];
    const at = [...tokens, "parameters"];
    const parameters = parametersOf(this.#model, slot, shown.parameters ?? [], at, this.#warn);
    return cleanJson({
      ...(tags.length === 0 ? {} : { tags }),
      summary: this.#summary(slot, tokens),
      ...(description === "" ? {} : { description }),
      ...(shown.externalDocs === undefined ? {} : { externalDocs: shown.externalDocs }),
      operationId: slot.operationId,
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(shown.requestBody === undefined ? {} : { requestBody: shown.requestBody }),
      responses: this.#responses(shown.responses ?? {}, problem, [...tokens, "responses"]),
      ...(shown.deprecated === true ? { deprecated: true } : {}),
      ...operationFields(fields),
    }) as JsonObject;
  }

  #summary(slot: Slot, tokens: readonly string[]): string {
    const given = wellFormed(slot.route.operation?.summary ?? "");
    const name = wellFormed(slot.route.integration.name);
    const whole = given.trim() !== "" ? given : name.trim() !== "" ? name : slot.pattern.text;
    if (this.#options.target !== "azure-apim") return whole;
    const summary = truncate(whole, AZURE_SUMMARY_CHARS_MAX);
    if (summary.length < whole.length)
      this.#warn("summary.truncated", `The summary is cut to ${AZURE_SUMMARY_CHARS_MAX} characters.`, tokens);
    return summary;
  }

  #responses(
    given: NonNullable<OperationModel["responses"]>,
    problem: string,
    tokens: readonly string[],
  ): JsonObject {
    const responses: MutableJsonObject = {};
    for (const [status, response] of Object.entries(given)) {
      const content = response.content ?? {};
      const canBeGateways = isGatewayStatus(status);
      if (canBeGateways && Object.hasOwn(content, PROBLEM_CONTENT_TYPE))
        this.#warn(
          "response.own_problem",
          "The operation describes problem details of its own; those of the gateway are not described for this status.",
          [...tokens, status],
        );
      else if (canBeGateways) this.#usesProblem = true;
      put(responses, status, {
        ...(response as unknown as JsonObject),
        ...(canBeGateways
          ? {
              content: {
                [PROBLEM_CONTENT_TYPE]: problemMedia(problem),
                ...(content as unknown as JsonObject),
              },
            }
          : {}),
      });
    }
    if (given.default === undefined) responses.default = this.#gatewayDefault(problem);
    return responses;
  }

  /** In place for Azure, which takes no responses from components, and then without examples. */
  #gatewayDefault(problem: string): JsonObject {
    this.#usesProblem = true;
    if (this.#options.target !== "azure-apim") this.#usesGatewayResponse = true;
    return this.#options.target === "azure-apim"
      ? gatewayResponse(problem, { examples: false })
      : { $ref: `#/components/responses/${GATEWAY_RESPONSE_NAME}` };
  }
}

function unlessEmpty(key: string, value: JsonObject): JsonObject {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

function tokensOf({ path, slot }: { readonly path: string; readonly slot: Slot }): readonly string[] {
  return ["paths", path, slot.method.toLowerCase()];
}

function restNameOf({ pattern }: Slot): string | null {
  const last = pattern.segments.at(-1);
  return last?.kind === "rest" ? last.name : null;
}
