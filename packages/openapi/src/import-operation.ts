/**
 * One operation of an imported document as a route. Marks as read what it understands and leaves the rest
 * for the report. Refuses paths that no route pattern can express.
 */
import { isStatus, type RoutePattern } from "@latchkey/core";
import { isOwnDefault } from "./gateway-response.js";
import { PartReader, textOf } from "./import-parts.js";
import { importPath, type TemplateParameter } from "./import-path.js";
import type { ReportCode } from "./import-report.js";
import { cleanJson, equalJson, isArray, isObject, type Json, type JsonObject } from "./json.js";
import {
  operationSentences,
  pathParameterSentences,
  readOperationFields,
  readPathParameterFields,
  withoutSentences,
} from "./latchkey-fields.js";
import {
  type ConcreteMethod,
  type OperationModel,
  type ParameterModel,
  type ResponseModel,
  type RouteLimitsModel,
} from "./read-model.js";
import type { SchemaLibrary } from "./schema-library.js";
import type { Cursor } from "./source-cursor.js";
import { tagOf } from "./tags.js";

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
  /** A GET whose integration takes WebSockets. */
  readonly webSockets: boolean;
  /** Null: the document says none. */
  readonly limits: RouteLimitsModel | null;
  /** What it is called: its summary, else its id, else its path. */
  readonly name: string;
  readonly operation: OperationModel;
}

export class OperationReader {
  readonly #parts: PartReader;
  readonly #title: string;
  readonly #ownTags: ReadonlySet<string>;

  /**
   * @param title the document's, which names the tag of operations that have no other
   * @param ownTags tags that the document describes as ours do for such operations
   */
  constructor(library: SchemaLibrary, title: string, ownTags: ReadonlySet<string>) {
    this.#parts = new PartReader(library);
    this.#title = title;
    this.#ownTags = ownTags;
  }

  /** Null when no route can say what the path says; the report then has it. */
  read(template: string, pathItem: Cursor, method: ConcreteMethod, operation: Cursor): ReadOperation | null {
    const declared = this.#declaredParameters(pathItem, operation);
    const fields = readOperationFields(operation, method);
    const path = importPath(template, (name) => templateParameter(declared, name), fields.restName);
    if (!path.ok) {
      operation.take();
      add("behavior", "path.unsupported", operation, `No route can have this path: ${path.error}`);
      return null;
    }
    if (path.value.respelled)
      add("behavior", "path.respelled", operation, `The path is spelled ${path.value.pattern.text} here.`);
    for (const name of path.value.renamed) {
      const to = path.value.names.get(name) ?? name;
      add(
        "documentation",
        "parameter.renamed",
        operation,
        `The path parameter ${JSON.stringify(name)} is named ${to}.`,
      );
    }
    const description = withoutSentences(operation.text("description") ?? "", operationSentences(fields));
    const givenId = operation.text("operationId") ?? "";
    const summary = operation.text("summary") ?? "";
    const tags = tagsOf(operation);
    const parameters = this.#parameters(declared, template, path.value.names);
    const body = operation.child("requestBody")?.deref();
    const responses = this.#responses(operation.child("responses"));
    const externalDocs = operation.child("externalDocs")?.take();
    const isDeprecated = operation.peek("deprecated") === true;
    operation.child("deprecated")?.take();
    return {
      pointer: operation.pointer,
      method,
      pattern: path.value.pattern,
      givenId,
      tags,
      any: fields.any,
      webSockets: fields.webSockets,
      limits: fields.limits,
      name: summary !== "" ? summary : givenId !== "" ? givenId : path.value.pattern.text,
      operation: {
        ...(summary === "" ? {} : { summary }),
        ...(description === "" ? {} : { description }),
        ...this.#tags(template, tags),
        ...(isDeprecated ? { deprecated: true } : {}),
        ...(isObject(externalDocs) ? { externalDocs: cleanJson(externalDocs) as JsonObject } : {}),
        ...(parameters.length === 0 ? {} : { parameters }),
        ...(body === null || body === undefined || !isObject(body.value)
          ? {}
          : { requestBody: this.#parts.requestBody(body) }),
        ...(responses === undefined ? {} : { responses }),
      },
    };
  }

  /** Without the one that a document of ours gives to an operation that has none. */
  #tags(template: string, tags: readonly string[]): Pick<OperationModel, "tags"> {
    const made = tagOf(template, this.#title);
    return this.#ownTags.has(made) && equalJson(tags, [made]) ? {} : { tags };
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

  /** Those of the path first, in its order, as an export has them. */
  #parameters(
    declared: readonly Cursor[],
    template: string,
    names: ReadonlyMap<string, string>,
  ): readonly ParameterModel[] {
    const parameters: ParameterModel[] = [];
    const inPath = new Map<string, ParameterModel>();
    for (const at of declared) {
      if (at.peek("in") !== "path") {
        const parameter = this.#parts.parameter(at);
        if (parameter !== null) parameters.push(parameter);
        continue;
      }
      const name = textOf(at.peek("name"));
      const parameter = this.#pathParameter(at, names.get(name));
      if (!template.includes(`{${name}}`))
        add("documentation", "parameter.ignored", at, `The path has no parameter ${JSON.stringify(name)}.`);
      if (parameter !== null) inPath.set(parameter.name, parameter);
    }
    const ofPath = [...names.values()].flatMap((name) => inPath.get(name) ?? []);
    return [...ofPath, ...parameters];
  }

  /** Null for one that says nothing more than the path. */
  #pathParameter(at: Cursor, name: string | undefined): ParameterModel | null {
    const sentences = pathParameterSentences(readPathParameterFields(at));
    const description = withoutSentences(textOf(at.peek("description")), sentences);
    const read = this.#parts.parameter(at);
    // A segment that was only spelled out, or a parameter that is not in the path.
    if (read === null || name === undefined) return null;
    const { description: _given, ...rest } = read;
    if (description === "" && equalJson(rest as unknown as Json, plainPathParameter(read.name))) return null;
    return { ...rest, name, ...(description === "" ? {} : { description }) };
  }

  #responses(responses: Cursor | null): OperationModel["responses"] {
    if (responses === null || !isObject(responses.value)) return undefined;
    const read: { [status: string]: ResponseModel } = {};
    for (const key of responses.keys()) {
      const status = /^[1-5]xx$/i.test(key) ? key.toUpperCase() : key;
      if (!isStatus(status)) continue;
      const response = responses.child(key)?.deref();
      if (response === null || response === undefined || !isObject(response.value)) continue;
      if (status === "default" && isOwnDefault(response)) {
        response.take();
        continue;
      }
      read[status] = this.#parts.response(response);
    }
    return read;
  }
}

/** Those that are texts; the report has the others. */
function tagsOf(operation: Cursor): readonly string[] {
  if (!isArray(operation.peek("tags"))) return [];
  const list = operation.child("tags");
  return list?.keys().flatMap((index) => list.text(index) ?? []) ?? [];
}

function plainPathParameter(name: string): JsonObject {
  return { name, in: "path", required: true, schema: { type: "string" } };
}

function templateParameter(declared: readonly Cursor[], name: string): TemplateParameter | null {
  const parameter = declared.find((one) => one.peek("in") === "path" && one.peek("name") === name);
  if (parameter === undefined) return null;
  return { name, ...readPathParameterFields(parameter) };
}

function add(severity: "behavior" | "documentation", code: ReportCode, at: Cursor, message: string): void {
  at.source.report.add(severity, code, at.pointer, message);
}
