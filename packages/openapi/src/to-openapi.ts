/**
 * An Api as an OpenAPI document: 3.0.3, which API-management products import, or 3.1.1. The same model
 * gives the same document to the byte. Reads only the fields of the read model, so nothing else can leak.
 */
import { decodePath } from "./decode-path.js";
import {
  cleanJson,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  pointerOf,
  put,
  truncate,
  wellFormed,
} from "./json.js";
import type { LintWarning, Warn } from "./lint-warning.js";
import { assignSlots, type PathSlots, type Slot, type SlotParameter } from "./path-slots.js";
import * as phrases from "./phrases.js";
import {
  PROBLEM_SCHEMA_NAME,
  type ProblemStatus,
  problemResponse,
  problemSchema,
  problemStatuses,
  problemStatusesOf,
} from "./problem-responses.js";
import {
  type ApiModel,
  hasRequestBody,
  type IntegrationModel,
  keyHeaderOf,
  type QueryParameter,
  type RouteModel,
  WEBHOOK_FLAG,
} from "./read-model.js";
import { SchemaComponents, type SpecVersion } from "./schema-components.js";
import { securityOf, securitySchemesOf } from "./security.js";

export interface OpenApiOptions {
  readonly version: SpecVersion;
  /** `azure-apim`: a document for import there; catch-alls become `/*`, and the version must be 3.0. */
  readonly target?: "azure-apim";
}

export type OpenApiDocument = JsonObject & { readonly openapi: string };

export const specVersions = { "3.0": "3.0.3", "3.1": "3.1.1" } as const;

/** Azure cuts display names off here (and 300 characters are enough for a heading). */
const SUMMARY_CHARS_MAX = 300;
const TAG_CHARS_MAX = 80;

export const UNTITLED = "Untitled API";
export const RESPONSE_DESCRIPTION = "The integration's answer.";
export const ANY_RESPONSE_DESCRIPTION =
  "The integration's answer, passed on with its status, headers and body.";
export const HEAD_RESPONSE_DESCRIPTION = "The status and headers of the integration's answer.";
export const ANY_REQUEST_DESCRIPTION = "Any content; it is passed on to the integration unchanged.";
export const REQUEST_DESCRIPTION = "What the integration takes.";
export const SERVER_DESCRIPTION = "The gateway.";
export const NO_SERVER_DESCRIPTION = "The gateway that serves this document.";

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
  return new Generator(model, options, warn).document();
}

class Generator {
  readonly #model: ApiModel;
  readonly #options: OpenApiOptions;
  readonly #warn: Warn;
  readonly #schemas: SchemaComponents;
  readonly #usedStatuses = new Set<ProblemStatus>();
  readonly #title: string;

  constructor(model: ApiModel, options: OpenApiOptions, warn: Warn) {
    this.#model = model;
    this.#options = options;
    this.#warn = warn;
    this.#schemas = new SchemaComponents(options.version, warn);
    this.#title = wellFormed(model.title).trim() === "" ? UNTITLED : wellFormed(model.title);
  }

  document(): OpenApiDocument {
    const model = this.#model;
    const star = this.#options.target === "azure-apim";
    const slots = assignSlots(model.routes, { starForRest: star }, this.#warn);
    const paths: MutableJsonObject = {};
    for (const path of slots) put(paths, path.path, this.#pathItem(path));
    const summary = wellFormed(model.summary);
    return {
      openapi: specVersions[this.#options.version],
      info: {
        title: this.#title,
        ...(summary === "" ? {} : { description: summary }),
        version: wellFormed(model.version) || "v1",
      },
      servers: [this.#server()],
      ...tagsOf(slots, this.#title),
      paths,
      components: this.#components(),
      security: securityOf(model.webhook),
    };
  }

  #components(): JsonObject {
    const model = this.#model;
    const used = problemStatuses.filter((status) => this.#usedStatuses.has(status));
    const schemas = this.#schemas.toJson(used.length === 0 ? [] : [[PROBLEM_SCHEMA_NAME, problemSchema]]);
    const responses = used.map((status) => [status.component, problemResponse(status)] as const);
    return {
      ...(Object.keys(schemas).length === 0 ? {} : { schemas }),
      ...(responses.length === 0 ? {} : { responses: Object.fromEntries(responses) }),
      securitySchemes: securitySchemesOf(keyHeaderOf(model), model.webhook),
    };
  }

  #server(): JsonObject {
    const url = publicUrl(this.#model.serverUrl);
    if (this.#model.serverUrl === null) {
      this.#warn("server.missing", "No public URL is configured, so the document names no host.", [
        "servers",
      ]);
    } else if (url === null) {
      this.#warn("server.invalid", "The public URL is no http(s) URL and is left out.", ["servers"]);
    } else if (!url.startsWith("https:")) {
      this.#warn("server.not_https", "The public URL is not https.", ["servers", 0, "url"]);
    }
    return url === null
      ? { url: "/", description: NO_SERVER_DESCRIPTION }
      : { url, description: SERVER_DESCRIPTION };
  }

  #pathItem({ path, slots }: PathSlots): JsonObject {
    const item: MutableJsonObject = {};
    for (const slot of slots) item[slot.method.toLowerCase()] = this.#operation(path, slot);
    return item;
  }

  #operation(path: string, slot: Slot): JsonObject {
    const { route } = slot;
    const tokens = ["paths", path, slot.method.toLowerCase()];
    const summary = summaryOf(slot);
    if (summary.length < wellFormed(route.integration.name).length) {
      this.#warn(
        "summary.truncated",
        `The integration's name is cut to ${SUMMARY_CHARS_MAX} characters.`,
        tokens,
      );
    }
    const description = phrases.sentences(
      route.method === "ANY" ? phrases.ANY_METHOD : null,
      this.#options.target === "azure-apim" ? starPhrase(slot) : null,
    );
    const parameters = [
      ...slot.parameters.map((parameter, index) =>
        this.#pathParameter(parameter, route, [...tokens, "parameters", index]),
      ),
      ...this.#queryParameters(slot, [...tokens, "parameters"]),
    ];
    return {
      tags: [tagOf(path, this.#title)],
      summary,
      ...(description === "" ? {} : { description }),
      operationId: slot.operationId,
      ...(parameters.length === 0 ? {} : { parameters }),
      ...this.#requestBody(slot, tokens),
      responses: this.#responses(slot, tokens),
    };
  }

  #pathParameter(
    parameter: SlotParameter,
    route: RouteModel,
    tokens: readonly (string | number)[],
  ): JsonObject {
    const { name, routeName, restSegments } = parameter;
    const given = routeName === null ? undefined : ownValue(route.parameters?.path, routeName);
    const description = phrases.sentences(
      phrases.withoutPhrases(wellFormed(given?.description ?? "")),
      restSegments === null
        ? null
        : restSegments === 0
          ? phrases.REST_OF_PATH
          : phrases.restWithSegments(restSegments),
      routeName === null || routeName === name ? null : phrases.knownAs(routeName),
    );
    return {
      name,
      in: "path",
      required: true,
      ...(description === "" ? {} : { description }),
      schema: this.#schemas.inline(given?.schema, tokens),
    };
  }

  #queryParameters(slot: Slot, tokens: readonly (string | number)[]): readonly JsonObject[] {
    const parameters: JsonObject[] = [];
    const taken = new Set<string>();
    const reserved = [keyHeaderOf(this.#model), WEBHOOK_FLAG].map((name) => name.toLowerCase());
    for (const parameter of slot.route.parameters?.query ?? []) {
      const name = wellFormed(parameter.name);
      if (name === "" || taken.has(name)) continue;
      if (reserved.includes(name.toLowerCase())) {
        this.#warn("parameter.reserved", "The key's own query parameters are not a route's.", tokens);
        continue;
      }
      taken.add(name);
      parameters.push(
        this.#queryParameter(name, parameter, [...tokens, slot.parameters.length + parameters.length]),
      );
    }
    return parameters;
  }

  #queryParameter(name: string, parameter: QueryParameter, tokens: readonly (string | number)[]): JsonObject {
    const description = wellFormed(parameter.description ?? "");
    return {
      name,
      in: "query",
      ...(parameter.required === true ? { required: true } : {}),
      ...(description === "" ? {} : { description }),
      schema: this.#schemas.inline(parameter.schema, tokens),
    };
  }

  #requestBody(slot: Slot, tokens: readonly string[]): JsonObject {
    const { integration } = slot.route;
    if (!hasRequestBody(slot.method)) {
      if (integration.requestSchema !== undefined && slot.route.method !== "ANY") {
        this.#warn(
          "body.not_shown",
          `Content has no meaning in a ${slot.method} request, so none is shown.`,
          tokens,
        );
      }
      return {};
    }
    const { requestSchema } = integration;
    return {
      requestBody: {
        description: requestSchema === undefined ? ANY_REQUEST_DESCRIPTION : REQUEST_DESCRIPTION,
        content: this.#content(slot, "Request", [...tokens, "requestBody", "content"]),
        ...(requestSchema === undefined ? {} : { required: true }),
      },
    };
  }

  #responses(slot: Slot, tokens: readonly string[]): JsonObject {
    const { responseSchema } = slot.route.integration;
    const responses: MutableJsonObject = {
      "200":
        slot.method === "HEAD"
          ? { description: HEAD_RESPONSE_DESCRIPTION }
          : {
              description: responseSchema === undefined ? ANY_RESPONSE_DESCRIPTION : RESPONSE_DESCRIPTION,
              content: this.#content(slot, "Response", [...tokens, "responses", "200", "content"]),
            },
    };
    for (const status of problemStatusesOf(slot.route.validate === true)) {
      this.#usedStatuses.add(status);
      responses[String(status.status)] = { $ref: `#/components/responses/${status.component}` };
    }
    return responses;
  }

  #content(slot: Slot, side: "Request" | "Response", tokens: readonly string[]): JsonObject {
    const { integration } = slot.route;
    const schema = side === "Request" ? integration.requestSchema : integration.responseSchema;
    const given = side === "Request" ? integration.requestContentTypes : integration.responseContentTypes;
    const types = [...new Set((given ?? []).map((type) => type.trim().toLowerCase()))].filter((type) => {
      if (isMediaRange(type)) return true;
      this.#warn(
        "content_type.invalid",
        `A content type of ${side.toLowerCase()}s is no media type.`,
        tokens,
      );
      return false;
    });
    if (types.length === 0) types.push(schema === undefined ? "*/*" : "application/json");
    const reference = this.#schemas.reference(schema, side, [summaryOf(slot), slot.operationId]);
    const example = exampleOf(integration, side);
    if (example !== undefined && !types.some(takesJson)) {
      this.#warn("example.not_shown", "An example is JSON, and no content type of the route is.", tokens);
    }
    const content: MutableJsonObject = {};
    for (const type of types) {
      put(content, type, {
        schema: reference,
        ...(example !== undefined && takesJson(type) ? { example } : {}),
      });
    }
    return content;
  }
}

function exampleOf(integration: IntegrationModel, side: "Request" | "Response"): Json | undefined {
  const value = side === "Request" ? integration.examples?.request : integration.examples?.response;
  return value === undefined ? undefined : cleanJson(value);
}

/** The integration's name says best what an operation does; the path where it has none. */
function summaryOf({ route, pattern }: Slot): string {
  const name = wellFormed(route.integration.name);
  return truncate(name.trim() === "" ? pattern.text : name, SUMMARY_CHARS_MAX);
}

function starPhrase({ pattern }: Slot): string | null {
  const last = pattern.segments.at(-1);
  return last?.kind === "rest" ? phrases.restKnownAs(last.name) : null;
}

/** Operations are grouped by the first segment of their path, if that is no parameter. */
export function tagOf(path: string, title: string): string {
  const first = path.split("/")[1] ?? "";
  const tag = first === "" || first.startsWith("{") || first === "*" ? title : decodePath(first);
  return truncate(tag, TAG_CHARS_MAX).trim() || UNTITLED;
}

function tagsOf(paths: readonly PathSlots[], title: string): JsonObject {
  const tags = [...new Set(paths.map(({ path }) => tagOf(path, title)))].sort((a, b) => (a < b ? -1 : 1));
  return tags.length === 0 ? {} : { tags: tags.map(tagObject) };
}

export function tagObject(name: string): JsonObject {
  return { name, description: `Operations of ${name}.` };
}

/** Scheme, host and path of the public URL: credentials, query and fragment have no place in a document. */
export function publicUrl(serverUrl: string | null): string | null {
  if (serverUrl === null || !URL.canParse(serverUrl)) return null;
  const url = new URL(serverUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  // Braces would be server variables, which the document does not define.
  const path = url.pathname.replace(/[{}]/g, encodeURIComponent).replace(/(?<!\/)\/+$/, "");
  return `${url.protocol}//${url.host}${path}`;
}

const MEDIA_RANGE = /^(?:\*\/\*|[a-z0-9!#$&^_.+-]{1,127}\/(?:\*|[a-z0-9!#$&^_.+-]{1,127}))$/;

export function isMediaRange(type: string): boolean {
  return MEDIA_RANGE.test(type);
}

/** True for JSON media types and for ranges that contain one. */
export function takesJson(type: string): boolean {
  return type === "*/*" || type === "application/*" || type === "application/json" || type.endsWith("+json");
}

function ownValue<T>(map: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
