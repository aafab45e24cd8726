/**
 * One operation of an imported document as a route. Marks as read what it understands and leaves the rest
 * for the report. Refuses paths that no route pattern can express.
 */
import type { RoutePattern } from "@latchkey/core";
import { importPath, type TemplateParameter } from "./import-path.js";
import type { ReportCode } from "./import-report.js";
import { equalJson, isObject, type Json, type MutableJsonObject, put } from "./json.js";
import { readOperationPhrases, readParameterPhrases } from "./phrases.js";
import {
  isValidationStatus,
  PROBLEM_SCHEMA_NAME,
  problemResponse,
  problemSchema,
  problemStatuses,
} from "./problem-responses.js";
import {
  type ConcreteMethod,
  hasRequestBody,
  type IntegrationModel,
  type JsonSchema,
  type PathParameter,
  type QueryParameter,
  type RouteParameters,
} from "./read-model.js";
import { bundleSchema, bundleToSchema } from "./schema-bundle.js";
import { ANY_BODY_NAME, anyBodySchema } from "./schema-components.js";
import type { Cursor, SourceDocument } from "./source-cursor.js";
import {
  ANY_REQUEST_DESCRIPTION,
  ANY_RESPONSE_DESCRIPTION,
  HEAD_RESPONSE_DESCRIPTION,
  isMediaRange,
  REQUEST_DESCRIPTION,
  RESPONSE_DESCRIPTION,
  takesJson,
} from "./to-openapi.js";
import { withoutUnusablePatterns } from "./usable-schema.js";

/** Media types of a body in the document, as JSON pointers. */
export interface BodyPointers {
  readonly request: string | null;
  readonly response: string | null;
}

/** An operation as it was read; operation ids are not settled yet. */
export interface ReadOperation {
  readonly pointer: string;
  readonly method: ConcreteMethod;
  readonly pattern: RoutePattern;
  /** As the document gives it; "" for none. */
  readonly givenId: string;
  readonly tags: readonly string[];
  /** One of those that a route for any method was spelled out to. */
  readonly any: boolean;
  readonly integration: IntegrationModel;
  readonly bodies: BodyPointers;
  readonly validate: boolean;
  readonly parameters: RouteParameters | undefined;
}

export type SchemaDialect = "2020-12" | "openapi-3.0";

/** Serialised size of one schema with its definitions, in UTF-16 code units. */
const SCHEMA_CHARS_MAX = 256 * 1024;

export class OperationReader {
  readonly #source: SourceDocument;
  readonly #dialect: SchemaDialect;
  readonly #faultOf: (schema: JsonSchema) => string | null;
  /** Text of a schema → what is wrong with it. */
  readonly #faults = new Map<string, string | null>();
  /** Where a schema stands → what it is, or null when it is too large. */
  readonly #schemas = new Map<string, JsonSchema | null>();

  constructor(
    source: SourceDocument,
    dialect: SchemaDialect,
    faultOf: (schema: JsonSchema) => string | null,
  ) {
    this.#source = source;
    this.#dialect = dialect;
    this.#faultOf = faultOf;
  }

  /** Null when no route can say what the path says; the report then has it. */
  read(template: string, pathItem: Cursor, method: ConcreteMethod, operation: Cursor): ReadOperation | null {
    const declared = this.#declaredParameters(pathItem, operation);
    const phrases = readOperationPhrases(textOf(operation.peek("description")));
    const path = importPath(template, (name) => templateParameter(declared, name), phrases.restKnownAs);
    if (!path.ok) {
      operation.take();
      this.#add("lost", "path.unsupported", operation, `No route can have this path: ${path.error}`);
      return null;
    }
    if (path.value.respelled) {
      this.#add(
        "changed",
        "path.respelled",
        operation,
        `The path is spelled ${path.value.pattern.text} here.`,
      );
    }
    for (const name of path.value.renamed) {
      const to = path.value.names.get(name) ?? name;
      this.#add(
        "changed",
        "parameter.renamed",
        operation,
        `The path parameter ${JSON.stringify(name)} is named ${to}.`,
      );
    }
    if (phrases.description === "") operation.text("description");
    const givenId = operation.text("operationId") ?? "";
    const summary = operation.text("summary");
    const request = hasRequestBody(method) ? this.#request(operation) : {};
    const response = this.#responses(operation);
    return {
      pointer: operation.pointer,
      method,
      pattern: path.value.pattern,
      givenId,
      tags: tagsOf(operation),
      any: phrases.any,
      integration: integrationOf(
        summary ?? (givenId === "" ? path.value.pattern.text : givenId),
        request,
        response,
      ),
      bodies: { request: request.pointer ?? null, response: response.pointer ?? null },
      validate: response.validate,
      parameters: this.#parameters(declared, path.value.names),
    };
  }

  /** Both levels; an operation's parameter hides the path's of the same name and place. */
  #declaredParameters(pathItem: Cursor, operation: Cursor): readonly Cursor[] {
    const byKey = new Map<string, Cursor>();
    for (const owner of [pathItem, operation]) {
      const list = owner.child("parameters");
      for (const index of list?.keys() ?? []) {
        const parameter = list?.child(index)?.deref();
        if (parameter === null || parameter === undefined || !isObject(parameter.value)) continue;
        byKey.set(`${textOf(parameter.peek("in"))} ${textOf(parameter.peek("name"))}`, parameter);
      }
    }
    return [...byKey.values()];
  }

  #parameters(declared: readonly Cursor[], names: ReadonlyMap<string, string>): RouteParameters | undefined {
    const path: { [name: string]: PathParameter } = {};
    const query: QueryParameter[] = [];
    for (const parameter of declared) {
      const place = parameter.peek("in");
      const name = textOf(parameter.peek("name"));
      if (place === "path") {
        const read = this.#pathParameter(parameter);
        const routeName = names.get(name);
        if (routeName !== undefined && Object.keys(read).length > 0) path[routeName] = read;
      } else if (place === "query") {
        const read = this.#queryParameter(parameter, name);
        if (read !== null) query.push(read);
      } else {
        parameter.take();
        this.#add(
          "lost",
          "parameter.unsupported",
          parameter,
          "Only path and query parameters are described.",
        );
      }
    }
    const any = { ...(Object.keys(path).length > 0 ? { path } : {}), ...(query.length > 0 ? { query } : {}) };
    return Object.keys(any).length > 0 ? any : undefined;
  }

  #pathParameter(parameter: Cursor): PathParameter {
    for (const key of ["name", "in", "required"]) parameter.child(key)?.take();
    const { description } = readParameterPhrases(parameter.text("description") ?? "");
    if (parameter.peek("style") === "simple") parameter.child("style")?.take();
    const schema = this.#enforceable(parameter.child("schema"));
    return {
      ...(schema === undefined || equalJson(schema, { type: "string" }) ? {} : { schema }),
      ...(description === "" ? {} : { description }),
    };
  }

  #queryParameter(parameter: Cursor, name: string): QueryParameter | null {
    const style = parameter.peek("style");
    const isPlain = (style === undefined || style === "form") && parameter.peek("explode") !== false;
    if (!isPlain || parameter.peek("content") !== undefined || name === "") {
      parameter.take();
      this.#add(
        "lost",
        "parameter.unsupported",
        parameter,
        "A query parameter is read in the form style only, exploded.",
      );
      return null;
    }
    for (const key of ["name", "in", "required", "style", "explode"]) parameter.child(key)?.take();
    const description = parameter.text("description");
    const schema = this.#enforceable(parameter.child("schema"));
    return {
      name,
      ...(parameter.peek("required") === true ? { required: true } : {}),
      ...(description === undefined || description === "" ? {} : { description }),
      ...(schema === undefined || equalJson(schema, { type: "string" }) ? {} : { schema }),
    };
  }

  #request(operation: Cursor): Content {
    const body = operation.child("requestBody")?.deref();
    if (body === null || body === undefined) return {};
    takeText(body, "description", [ANY_REQUEST_DESCRIPTION, REQUEST_DESCRIPTION]);
    const content = this.#content(body.child("content"), (at) => this.#enforceable(at));
    const required = body.peek("required");
    if (content.schema !== undefined && required !== true) {
      this.#add("changed", "body.becomes_required", body, "A body with a schema is required here.");
    }
    if ((required === true) === (content.schema !== undefined)) body.child("required")?.take();
    else if (required === false) body.child("required")?.take();
    return content;
  }

  #responses(operation: Cursor): Content & { readonly validate: boolean } {
    const responses = operation.child("responses");
    let validate = false;
    let content: Content = {};
    const keys = responses?.keys() ?? [];
    const success = keys.includes("200")
      ? "200"
      : (keys.filter((key) => /^2(?:\d\d|XX)$/i.test(key)).sort()[0] ??
        keys.find((key) => key === "default"));
    for (const key of keys) {
      if (key === success) {
        const response = responses?.child(key)?.deref();
        if (response === null || response === undefined) continue;
        takeText(response, "description", [
          ANY_RESPONSE_DESCRIPTION,
          RESPONSE_DESCRIPTION,
          HEAD_RESPONSE_DESCRIPTION,
        ]);
        content = this.#content(response.child("content"), (at) => this.#schema(at));
      } else if (this.#takeOwnProblem(responses as Cursor, key)) {
        validate ||= problemStatuses.some((s) => String(s.status) === key && isValidationStatus(s));
      }
    }
    return { ...content, validate };
  }

  /** True when the response is the gateway's own, as every document of ours has it. */
  #takeOwnProblem(responses: Cursor, key: string): boolean {
    const own = problemStatuses.find((status) => String(status.status) === key);
    const entry = responses.peek(key);
    if (own === undefined || !isObject(entry) || entry.$ref !== `#/components/responses/${own.component}`)
      return false;
    const component = this.#source.at(["components", "responses", own.component]);
    if (!equalJson(component?.value, problemResponse(own))) return false;
    const schema = this.#source.at(["components", "schemas", PROBLEM_SCHEMA_NAME]);
    if (!equalJson(schema?.value, problemSchema)) return false;
    responses.child(key)?.take();
    component?.take();
    schema?.take();
    return true;
  }

  #content(content: Cursor | null, schemaOf: (at: Cursor | null) => JsonSchema | undefined): Content {
    if (content === null) return {};
    const types: string[] = [];
    const entries: { readonly type: string; readonly media: Cursor }[] = [];
    for (const key of content.keys()) {
      const media = content.child(key);
      const type = (key.split(";")[0] ?? "").trim().toLowerCase();
      if (media === null || !isMediaRange(type)) {
        content.child(key)?.take();
        this.#add("lost", "content_type.changed", content, `${JSON.stringify(key)} is no media type.`);
        continue;
      }
      if (type !== key) {
        this.#add("changed", "content_type.changed", media, `The content type is written ${type} here.`);
      }
      if (!types.includes(type)) types.push(type);
      entries.push({ type, media });
    }
    const main = entries.find(({ type }) => takesJson(type)) ?? entries[0];
    if (main === undefined) return {};
    const isAnyBody = this.#takeAnyBody(main.media);
    const schema = isAnyBody ? undefined : schemaOf(main.media.child("schema"));
    const example = this.#example(main.media);
    for (const { media } of entries) {
      // Further media types say nothing new when they say the same.
      for (const part of ["schema", "example"]) {
        if (media !== main.media && equalJson(media.peek(part), main.media.peek(part)))
          media.child(part)?.take();
      }
    }
    const usual = schema === undefined ? "*/*" : "application/json";
    return {
      pointer: main.media.pointer,
      ...(schema === undefined ? {} : { schema }),
      ...(types.length === 1 && types[0] === usual ? {} : { types }),
      ...(example === undefined ? {} : { example }),
    };
  }

  #takeAnyBody(media: Cursor): boolean {
    const schema = media.peek("schema");
    if (!isObject(schema) || schema.$ref !== `#/components/schemas/${ANY_BODY_NAME}`) return false;
    const component = this.#source.at(["components", "schemas", ANY_BODY_NAME]);
    if (!equalJson(component?.value, anyBodySchema)) return false;
    media.child("schema")?.take();
    component?.take();
    return true;
  }

  #example(media: Cursor): Json | undefined {
    const direct = media.peek("example");
    if (direct !== undefined) {
      media.child("example")?.take();
      return direct;
    }
    const examples = media.child("examples");
    const first = examples?.keys()[0];
    const value = first === undefined ? undefined : examples?.child(first)?.deref()?.child("value");
    return value?.take();
  }

  /** A schema that requests can be held to. */
  #enforceable(at: Cursor | null): JsonSchema | undefined {
    const schema = this.#schema(at);
    if (at === null || schema === undefined) return schema;
    const fault = this.#knownFaultOf(schema);
    if (fault === null) return schema;
    const usable = withoutUnusablePatterns(schema, (one) => this.#knownFaultOf(one));
    if (usable !== null && this.#knownFaultOf(usable.schema) === null) {
      for (const { pattern, fault: reason } of usable.removed)
        this.#add(
          "changed",
          "schema.incomplete",
          at,
          `The pattern ${JSON.stringify(pattern)} is left out: requests cannot be held to it (${reason}).`,
        );
      // What was nothing but its pattern says nothing any more.
      return Object.keys(usable.schema).length === 0 ? undefined : usable.schema;
    }
    this.#add("lost", "schema.unusable", at, `Requests cannot be held to this schema: ${fault}`);
    return undefined;
  }

  #knownFaultOf(schema: JsonSchema): string | null {
    const text = JSON.stringify(schema);
    let fault = this.#faults.get(text);
    if (fault === undefined) {
      fault = this.#faultOf(schema);
      this.#faults.set(text, fault);
    }
    return fault;
  }

  /** A schema with all that it refers to; undefined when there is none or it is too large. */
  #schema(at: Cursor | null): JsonSchema | undefined {
    if (at === null) return undefined;
    const known = this.#schemas.get(at.pointer);
    if (known !== undefined) return known ?? undefined;
    const bundle = bundleSchema(
      {
        document: this.#source.root,
        tokens: at.tokens,
        dialect: this.#dialect,
        onRead: (tokens) => this.#source.take(tokens),
      },
      (note) => {
        const [severity, code] = severities[note.code];
        this.#source.report.add(severity, code, note.pointer, note.message);
      },
    );
    let schema: JsonSchema | null = bundleToSchema(bundle);
    if (JSON.stringify(schema).length > SCHEMA_CHARS_MAX) {
      this.#add(
        "lost",
        "schema.too_large",
        at,
        "The schema with all that it refers to is too large to be kept.",
      );
      schema = null;
    }
    this.#schemas.set(at.pointer, schema);
    return schema ?? undefined;
  }

  #add(severity: "error" | "lost" | "changed", code: ReportCode, at: Cursor, message: string): void {
    this.#source.report.add(severity, code, at.pointer, message);
  }
}

interface Content {
  readonly pointer?: string;
  readonly schema?: JsonSchema;
  readonly types?: readonly string[];
  readonly example?: Json;
}

const severities = {
  "schema.ref_remote": ["error", "ref.remote"],
  "schema.ref_unresolved": ["error", "ref.unresolved"],
  "schema.keyword_dropped": ["lost", "schema.incomplete"],
  "schema.keyword_invalid": ["lost", "schema.incomplete"],
  "schema.loosened": ["changed", "schema.incomplete"],
  "schema.too_large": ["lost", "schema.too_large"],
} as const;

function integrationOf(name: string, request: Content, response: Content): IntegrationModel {
  const examples: MutableJsonObject = {};
  if (request.example !== undefined) put(examples, "request", request.example);
  if (response.example !== undefined) put(examples, "response", response.example);
  return {
    name,
    ...(request.schema === undefined ? {} : { requestSchema: request.schema }),
    ...(response.schema === undefined ? {} : { responseSchema: response.schema }),
    ...(request.types === undefined ? {} : { requestContentTypes: request.types }),
    ...(response.types === undefined ? {} : { responseContentTypes: response.types }),
    ...(Object.keys(examples).length === 0 ? {} : { examples }),
  };
}

function templateParameter(declared: readonly Cursor[], name: string): TemplateParameter | null {
  const parameter = declared.find((one) => one.peek("in") === "path" && one.peek("name") === name);
  if (parameter === undefined) return null;
  const { restSegments, knownAs } = readParameterPhrases(textOf(parameter.peek("description")));
  return { name, restSegments, knownAs };
}

function tagsOf(operation: Cursor): readonly string[] {
  const tags = operation.peek("tags");
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [];
}

function takeText(at: Cursor, key: string, ours: readonly string[]): void {
  const value = at.peek(key);
  if (typeof value === "string" && ours.includes(value)) at.child(key)?.take();
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
