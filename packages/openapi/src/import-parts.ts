/**
 * Parameters, bodies, responses and headers of an imported document as the model keeps them: references resolved,
 * except those of schemas. Marks what it reads; what it leaves unread is reported by its caller.
 */
import { isIgnoredHeader, isParameterPlace, isParameterStyle, type ParameterPlace } from "@latchkey/core";
import { isCheckedContent } from "@latchkey/validation";
import { isProblemMedia } from "./gateway-response.js";
import type { ReportCode } from "./import-report.js";
import { isObject, type Json, type JsonObject, type MutableJsonObject, put } from "./json.js";
import { isMediaRange } from "./media-range.js";
import {
  DEFAULT_KEY_HEADER,
  type JsonSchema,
  type MediaTypeModel,
  type ParameterModel,
  type RequestBodyModel,
  type ResponseModel,
  WEBHOOK_FLAG,
} from "./read-model.js";
import type { SchemaLibrary } from "./schema-library.js";
import { sharedExampleAt } from "./shared-example.js";
import type { Cursor } from "./source-cursor.js";

const OWN_NAMES: ReadonlySet<string> = new Set(
  [DEFAULT_KEY_HEADER, WEBHOOK_FLAG].map((name) => name.toLowerCase()),
);

type Severity = "behavior" | "documentation";

export class PartReader {
  readonly #library: SchemaLibrary;

  constructor(library: SchemaLibrary) {
    this.#library = library;
  }

  /** Null, with a note, when it cannot be kept. */
  parameter(at: Cursor): ParameterModel | null {
    const place = textOf(at.peek("in"));
    const name = textOf(at.peek("name"));
    if (!isParameterPlace(place) || name === "") {
      at.take();
      add(
        "behavior",
        "parameter.unsupported",
        at,
        "A parameter has a name and stands in path, query, header or cookie.",
      );
      return null;
    }
    const lower = name.toLowerCase();
    if (isIgnoredHeader(place, name)) {
      at.take();
      add("documentation", "parameter.ignored", at, `OpenAPI ignores a header parameter named ${name}.`);
      return null;
    }
    if ((place === "query" || place === "header") && OWN_NAMES.has(lower)) {
      at.take();
      add(
        "documentation",
        "parameter.ignored",
        at,
        "The gateway's own key and flag are not parameters of a route.",
      );
      return null;
    }
    for (const key of ["name", "in", "required"]) at.child(key)?.take();
    return {
      name,
      in: place,
      ...(place === "path" || at.peek("required") === true ? { required: true } : {}),
      ...described(at),
      ...(place === "query" ? flag(at, "allowEmptyValue") : {}),
      ...this.#style(at, place),
      ...(place === "query" ? flag(at, "allowReserved") : {}),
      ...this.#value(at, "Requests"),
    } as ParameterModel;
  }

  requestBody(at: Cursor): RequestBodyModel {
    const required = at.peek("required") === true;
    at.child("required")?.take();
    return {
      ...text(at, "description"),
      ...(required ? { required } : {}),
      content: this.content(at.child("content")) ?? {},
    };
  }

  /** Without the gateway's problem, which is the gateway's to describe. */
  response(at: Cursor): ResponseModel {
    const headers = this.#headers(at.child("headers"));
    const content = this.content(at.child("content"), { withoutProblem: true });
    return {
      description: at.text("description") ?? at.text("summary") ?? "",
      ...(headers === undefined ? {} : { headers }),
      ...(content === undefined || Object.keys(content).length === 0 ? {} : { content }),
    };
  }

  content(
    at: Cursor | null,
    options: { readonly withoutProblem?: boolean } = {},
  ): { readonly [mediaType: string]: MediaTypeModel } | undefined {
    if (at === null || !isObject(at.value)) return undefined;
    const content: { [mediaType: string]: MediaTypeModel } = {};
    for (const key of at.keys()) {
      if (key.startsWith("x-")) continue;
      const media = at.child(key)?.deref();
      if (media === null || media === undefined) continue;
      if (options.withoutProblem === true && isProblemMedia(media.source.root, media.value)) {
        media.take();
        continue;
      }
      const type = key.trim();
      if (isMediaRange(type) && isObject(media.value)) {
        content[type] = this.#mediaType(media);
      } else {
        at.child(key)?.take();
        add("behavior", "content_type.changed", at, `${JSON.stringify(key)} is no media type.`);
      }
    }
    return content;
  }

  #mediaType(at: Cursor): MediaTypeModel {
    const schema = this.#schema(at.child("schema"));
    const encoding = this.#encoding(at.child("encoding"));
    return {
      ...(schema === undefined ? {} : { schema }),
      ...this.#examples(at),
      ...(encoding === undefined ? {} : { encoding }),
    };
  }

  #schema(at: Cursor | null): JsonSchema | undefined {
    return at === null ? undefined : this.#library.read(at.value, at.tokens);
  }

  /** The value of a parameter or of a header of a response: a schema, or content with one media type. */
  #value(at: Cursor, checked: "Requests" | "Responses"): JsonObject {
    const content = this.content(at.child("content"));
    const [type] = Object.keys(content ?? {});
    const only = type === undefined ? undefined : { [type]: content?.[type] as unknown as Json };
    if (type !== undefined && !isCheckedContent(type))
      add(
        "behavior",
        "parameter.unchecked",
        at.child("content") ?? at,
        `${checked} are not checked against it: only JSON and plain text in the content of a parameter or header are read.`,
      );
    if (only !== undefined) return { content: only, ...this.#examples(at) };
    const schema = this.#schema(at.child("schema"));
    return { ...(schema === undefined ? {} : { schema }), ...this.#examples(at) };
  }

  #style(at: Cursor, place: ParameterPlace): JsonObject {
    const style = at.peek("style");
    const isKnown = typeof style === "string" && isParameterStyle(place, style);
    if (style !== undefined && !isKnown) {
      add(
        "behavior",
        "parameter.style",
        at.child("style") ?? at,
        `A parameter in ${place} has no such style.`,
      );
    }
    at.child("style")?.take();
    const explode = at.peek("explode");
    at.child("explode")?.take();
    return {
      ...(isKnown ? { style } : {}),
      ...(typeof explode === "boolean" ? { explode } : {}),
    };
  }

  #headers(at: Cursor | null): { readonly [name: string]: JsonObject } | undefined {
    if (at === null || !isObject(at.value)) return undefined;
    const headers: MutableJsonObject = {};
    for (const name of at.keys()) {
      if (name.toLowerCase() === "content-type") {
        at.child(name)?.take();
        add(
          "documentation",
          "parameter.ignored",
          at,
          "OpenAPI ignores a response header named Content-Type.",
        );
        continue;
      }
      const header = at.child(name)?.deref();
      if (header !== null && header !== undefined && isObject(header.value))
        put(headers, name, this.#header(header));
    }
    return Object.keys(headers).length === 0 ? undefined : (headers as { [name: string]: JsonObject });
  }

  #header(at: Cursor): JsonObject {
    const required = at.peek("required") === true;
    at.child("required")?.take();
    return {
      ...(required ? { required } : {}),
      ...described(at),
      ...this.#style(at, "header"),
      ...this.#value(at, "Responses"),
    };
  }

  /** Either one example or several by name. */
  #examples(at: Cursor): JsonObject {
    const direct = at.child("example");
    const list = at.child("examples");
    const examples: MutableJsonObject = {};
    for (const name of list?.keys() ?? []) {
      const example = list?.child(name)?.deref();
      if (example !== null && example !== undefined && isObject(example.value))
        put(examples, name, exampleOf(example));
    }
    if (Object.keys(examples).length > 0) {
      if (direct !== null)
        add("documentation", "example.not_kept", direct, "There are `examples` beside it.");
      direct?.take();
      return { examples };
    }
    return direct === null ? {} : { example: literalOf(direct) };
  }

  #encoding(at: Cursor | null): JsonObject | undefined {
    if (at === null || !isObject(at.value)) return undefined;
    const encoding: MutableJsonObject = {};
    for (const name of at.keys()) {
      const one = at.child(name);
      if (one === null || !isObject(one.value)) continue;
      const headers = this.#headers(one.child("headers"));
      if (headers !== undefined)
        add(
          "behavior",
          "header.unchecked",
          one,
          `The headers of the part ${JSON.stringify(name)} are kept; requests are not checked against them.`,
        );
      put(encoding, name, {
        ...text(one, "contentType"),
        ...(headers === undefined ? {} : { headers }),
        ...text(one, "style"),
        ...(typeof one.peek("explode") === "boolean"
          ? { explode: one.child("explode")?.take() as boolean }
          : {}),
        ...flag(one, "allowReserved"),
      });
    }
    return Object.keys(encoding).length === 0 ? undefined : encoding;
  }
}

function exampleOf(at: Cursor): JsonObject {
  const example: MutableJsonObject = {};
  for (const key of ["summary", "description", "externalValue"]) Object.assign(example, text(at, key));
  // OpenAPI 3.2 tells the value from its serialized form.
  const value = at.child("value") ?? at.child("dataValue");
  if (value !== null) example.value = literalOf(value);
  return example;
}

/** The value itself, or the shared example that it refers to. */
function literalOf(at: Cursor): Json {
  const literal = at.take();
  const tokens = sharedExampleAt(literal);
  return tokens === null ? literal : (at.source.at(tokens)?.take() ?? literal);
}

function described(at: Cursor): JsonObject {
  return { ...text(at, "description"), ...flag(at, "deprecated") };
}

/** A text member, unless it is empty. */
function text(at: Cursor, key: string): JsonObject {
  const value = at.text(key);
  return value === undefined || value === "" ? {} : { [key]: value };
}

/** A member that says something only when it is true. */
function flag(at: Cursor, key: string): JsonObject {
  const value = at.peek(key);
  if (typeof value !== "boolean") return {};
  at.child(key)?.take();
  return value ? { [key]: true } : {};
}

function add(severity: Severity, code: ReportCode, at: Cursor, message: string): void {
  at.source.report.add(severity, code, at.pointer, message);
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
