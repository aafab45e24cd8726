/**
 * Checks a request against a route's schemas: 415 for a content type that is not taken, 400 for a body that
 * is no JSON, 422 for what does not fit a schema, each with JSON pointers. Compiled once, then synchronous.
 * Never changes the request: what is forwarded is what came in.
 */
import { err, type IngressErrorCode, ok, type ProblemItem, type Result } from "@latchkey/core";
import { countKeys, countMembers, findRepeatedMember } from "./json-members.js";
import { accepts, isJson, parseMediaType } from "./media-type.js";
import {
  type CompiledSchema,
  compileSchema,
  ISSUES_MAX,
  meter,
  type SchemaIssue,
  TOO_COSTLY,
} from "./schema-compiler.js";
import { coerce, decodeSegment, parseQuery, typesOf } from "./url-values.js";
import { INLINE_BUDGET, schemaSize, WHOLE_BUDGET, type WorkBudget } from "./work-meter.js";

export interface RequestSchemas {
  /** Absent: any body. */
  readonly body?: {
    /** JSON Schema 2020-12; only JSON bodies are held to it. */
    readonly schema?: unknown;
    /** Media types or ranges. Default: JSON when there is a schema, else anything. */
    readonly contentTypes?: readonly string[];
    /** Default: true when there is a schema. */
    readonly required?: boolean;
  };
  readonly query?: readonly {
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: unknown;
  }[];
  /** By the parameter's name in the pattern. */
  readonly path?: { readonly [name: string]: { readonly schema?: unknown } };
}

/** What is wrong with the schemas themselves. */
export interface SchemaProblem {
  readonly in: "body" | "query" | "path";
  /** Of the parameter; "" for the body. */
  readonly name: string;
  /** For the author of the schema. */
  readonly detail: string;
}

export interface RequestRefusal {
  readonly code: Extract<
    IngressErrorCode,
    | "request.media_type_unsupported"
    | "request.body_malformed"
    | "request.schema_mismatch"
    | "request.malformed"
  >;
  readonly errors: readonly ProblemItem[];
}

export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  /** Header values, null when absent. */
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** Without "?". */
  readonly query: string;
  /** Name in the pattern → percent-encoded text as in the path. */
  readonly path: readonly (readonly [name: string, text: string])[];
  /** A body will follow, be it empty in the end. */
  readonly hasBody: boolean;
}

/** `later`: this takes longer than the requests of others can wait. */
export type InlineVerdict = RequestRefusal | null | "later";

export interface RequestValidator {
  /** Query, path and content type: before any of the body is read. Null: go on. */
  checkHead(head: RequestHead): RequestRefusal | null;
  /** True when the body has to be read whole and given to `checkBody`, instead of being streamed. */
  needsBody(head: RequestHead): boolean;
  /** Null: it fits. */
  checkBody(head: RequestHead, body: Uint8Array): RequestRefusal | null;
}

/** The same between the requests of others: it gives up where it would hold them up. */
export interface InlineValidator {
  checkHead(head: RequestHead): InlineVerdict;
  needsBody(head: RequestHead): boolean;
  checkBody(head: RequestHead, body: Uint8Array): InlineVerdict;
}

/** Larger bodies are not parsed inline: 16 KiB of JSON take some 0.3 ms with their members counted. */
const INLINE_BODY_BYTES_MAX = 16 * 1024;
/** Values of all schemas of a route that are compiled inline, in 5 to 15 ms once. */
const INLINE_SCHEMA_VALUES_MAX = 200;

/** Bodies up to this size get all issues listed; larger ones the first. */
const FIND_ALL_BYTES_MAX = 64 * 1024;

/** Compiles a route's schemas, or says everything that is wrong with them. */
export function compileRequestValidator(
  schemas: RequestSchemas,
): Result<RequestValidator, readonly SchemaProblem[]> {
  const parts = compileParts(schemas, Number.POSITIVE_INFINITY);
  return parts.ok ? ok(new WholeValidator(parts.value)) : parts;
}

/** Compiles what of a route's schemas is small. What is wrong with the others is found later. */
export function compileInlineValidator(
  schemas: RequestSchemas,
): Result<InlineValidator, readonly SchemaProblem[]> {
  const parts = compileParts(schemas, INLINE_SCHEMA_VALUES_MAX);
  return parts.ok ? ok(new Validator(parts.value, INLINE_BUDGET, INLINE_BODY_BYTES_MAX)) : parts;
}

const notCompiled: CompiledSchema = () => TOO_COSTLY;

/** @param valuesMax values of all schemas together that are compiled */
function compileParts(schemas: RequestSchemas, valuesMax: number): Result<Parts, readonly SchemaProblem[]> {
  const problems: SchemaProblem[] = [];
  let valuesLeft = valuesMax;
  const compile = (place: SchemaProblem["in"], name: string, schema: unknown): CompiledSchema | null => {
    if (schema === undefined || schema === true) return null;
    if (valuesMax !== Number.POSITIVE_INFINITY) {
      const size = sizeOrNone(schema);
      // What has no size is refused by the compiler, with the reason.
      if (size !== null && size > valuesLeft) return notCompiled;
      valuesLeft -= size ?? 0;
    }
    const compiled = compileSchema(schema);
    if (compiled.ok) return compiled.value;
    problems.push({ in: place, name, detail: compiled.error });
    return null;
  };
  const body = compile("body", "", schemas.body?.schema);
  const query = (schemas.query ?? []).map(({ name, required = false, schema }) =>
    parameterOf(name, required, schema, compile("query", name, schema)),
  );
  const path = new Map(
    Object.entries(schemas.path ?? {}).map(([name, { schema }]) => [
      name,
      parameterOf(name, true, schema, compile("path", name, schema)),
    ]),
  );
  if (problems.length > 0) return err(problems);
  const hasSchema = schemas.body?.schema !== undefined;
  const given = schemas.body?.contentTypes ?? [];
  return ok({
    body,
    bodyRequired: schemas.body?.required ?? hasSchema,
    contentTypes: given.length > 0 ? given : hasSchema ? ["application/json"] : [],
    query,
    path,
  });
}

function sizeOrNone(schema: unknown): number | null {
  try {
    return schemaSize(schema);
  } catch {
    return null;
  }
}

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly types: ReadonlySet<string>;
  /** Of an array's items. */
  readonly itemTypes: ReadonlySet<string>;
  readonly schema: CompiledSchema | null;
}

function parameterOf(
  name: string,
  required: boolean,
  schema: unknown,
  compiled: CompiledSchema | null,
): Parameter {
  const items =
    typeof schema === "object" && schema !== null ? (schema as { items?: unknown }).items : undefined;
  return { name, required, types: typesOf(schema), itemTypes: typesOf(items), schema: compiled };
}

interface Parts {
  readonly body: CompiledSchema | null;
  readonly bodyRequired: boolean;
  /** Empty: any. */
  readonly contentTypes: readonly string[];
  readonly query: readonly Parameter[];
  readonly path: ReadonlyMap<string, Parameter>;
}

class WholeValidator implements RequestValidator {
  readonly #validator: Validator;

  constructor(parts: Parts) {
    this.#validator = new Validator(parts, WHOLE_BUDGET, Number.POSITIVE_INFINITY);
  }

  checkHead(head: RequestHead): RequestRefusal | null {
    const verdict = this.#validator.checkHead(head);
    return verdict === "later" ? costlyUrl : verdict;
  }

  needsBody(head: RequestHead): boolean {
    return this.#validator.needsBody(head);
  }

  checkBody(head: RequestHead, body: Uint8Array): RequestRefusal | null {
    const verdict = this.#validator.checkBody(head, body);
    return verdict === "later" ? costlyBody : verdict;
  }
}

class Validator implements InlineValidator {
  readonly #parts: Parts;
  readonly #budget: WorkBudget;
  readonly #bodyBytesMax: number;

  constructor(parts: Parts, budget: WorkBudget, bodyBytesMax: number) {
    this.#parts = parts;
    this.#budget = budget;
    this.#bodyBytesMax = bodyBytesMax;
  }

  checkHead(head: RequestHead): InlineVerdict {
    return this.#checkContentType(head) ?? this.#checkUrl(head);
  }

  needsBody(head: RequestHead): boolean {
    const { body, bodyRequired } = this.#parts;
    if (!head.hasBody) return bodyRequired;
    return body !== null && this.#isJson(head);
  }

  checkBody(head: RequestHead, bytes: Uint8Array): InlineVerdict {
    const { body, bodyRequired } = this.#parts;
    if (bytes.length === 0) {
      if (!bodyRequired) return null;
      return refuse("request.body_malformed", [{ in: "body", pointer: "", detail: "A body is required." }]);
    }
    if (body === null || !this.#isJson(head)) return null;
    if (body === notCompiled || bytes.length > this.#bodyBytesMax) return "later";
    let instance: unknown;
    try {
      instance = JSON.parse(utf8.decode(bytes));
    } catch (error) {
      return refuse("request.body_malformed", [{ in: "body", pointer: "", detail: syntaxDetail(error) }]);
    }
    // Readers of JSON differ in which of two members of one name they take.
    if (countMembers(bytes) !== countKeys(instance)) {
      const pointer = findRepeatedMember(utf8.decode(bytes)) ?? "";
      return refuse("request.body_malformed", [
        { in: "body", pointer, detail: "The member is there more than once." },
      ]);
    }
    meter.start(this.#budget);
    const issues = body(instance, { findAll: bytes.length <= FIND_ALL_BYTES_MAX });
    if (issues.length === 0) return null;
    if (issues === TOO_COSTLY) return "later";
    return refuse("request.schema_mismatch", issues.map(itemIn("body", "")));
  }

  #isJson(head: RequestHead): boolean {
    const type = head.contentType === null ? null : parseMediaType(head.contentType);
    return type !== null && isJson(type.essence);
  }

  #checkContentType(head: RequestHead): RequestRefusal | null {
    const { contentTypes, body } = this.#parts;
    if (!head.hasBody || contentTypes.length === 0) return null;
    const type = head.contentType === null ? null : parseMediaType(head.contentType);
    const list = contentTypes.join(", ");
    if (type === null) return unsupported(`A content type is required: ${list}.`);
    if (!contentTypes.some((range) => accepts(range, type.essence)))
      return unsupported(`Accepted are: ${list}.`);
    if (body === null || !isJson(type.essence)) return null;
    // What cannot be read cannot be checked, and is not let through unchecked.
    if (type.charset !== null && type.charset !== "utf-8" && type.charset !== "utf8") {
      return unsupported("JSON is accepted in UTF-8 only.");
    }
    const encoding = head.contentEncoding?.trim().toLowerCase() ?? "identity";
    return encoding === "identity" || encoding === ""
      ? null
      : unsupported("The body must not be compressed.", "content-encoding");
  }

  #checkUrl(head: RequestHead): InlineVerdict {
    const items: ProblemItem[] = [];
    meter.start(this.#budget);
    for (const [name, text] of head.path) {
      const parameter = this.#parts.path.get(name);
      if (parameter === undefined || parameter.schema === null) continue;
      const decoded = decodeSegment(text);
      const value = decoded === null ? text : coerce(decoded, parameter.types);
      const issues = parameter.schema(value, { findAll: true });
      if (issues === TOO_COSTLY) return "later";
      items.push(...issues.map(itemIn("path", pointerTo(name))));
    }
    if (this.#parts.query.length > 0) {
      const values = parseQuery(head.query);
      if (values === null) {
        return refuse("request.malformed", [
          { in: "query", pointer: "", detail: "The query cannot be decoded." },
        ]);
      }
      for (const parameter of this.#parts.query) {
        const found = checkQuery(parameter, values.get(parameter.name));
        if (found === "later") return "later";
        items.push(...found);
      }
    }
    return items.length === 0 ? null : refuse("request.schema_mismatch", items.slice(0, ISSUES_MAX));
  }
}

function checkQuery(
  parameter: Parameter,
  texts: readonly string[] | undefined,
): readonly ProblemItem[] | "later" {
  const pointer = pointerTo(parameter.name);
  if (texts === undefined) {
    return parameter.required ? [{ in: "query", pointer, detail: "The parameter is required." }] : [];
  }
  const isList = parameter.types.has("array");
  const [first = ""] = texts;
  if (!isList && texts.length > 1) {
    return [{ in: "query", pointer, detail: "The parameter may be given once only." }];
  }
  if (parameter.schema === null) return [];
  const value = isList
    ? texts.map((text) => coerce(text, parameter.itemTypes))
    : coerce(first, parameter.types);
  const issues = parameter.schema(value, { findAll: true });
  return issues === TOO_COSTLY ? "later" : issues.map(itemIn("query", pointer));
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function pointerTo(name: string): string {
  return `/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`;
}

function itemIn(place: "body" | "query" | "path", prefix: string): (issue: SchemaIssue) => ProblemItem {
  return ({ pointer, detail }) => ({ in: place, pointer: prefix + pointer, detail });
}

function refuse(code: RequestRefusal["code"], errors: readonly ProblemItem[]): RequestRefusal {
  return { code, errors };
}

const costly = (place: "body" | "query"): RequestRefusal =>
  refuse("request.schema_mismatch", [
    { in: place, pointer: "", detail: "It would take too long to check this." },
  ]);
const costlyUrl = costly("query");
/** For a body whose check was given up. */
export const costlyBody = costly("body");

function unsupported(detail: string, header = "content-type"): RequestRefusal {
  return refuse("request.media_type_unsupported", [{ in: "header", pointer: pointerTo(header), detail }]);
}

/** Where the text stops being JSON, without showing any of it. */
function syntaxDetail(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (error instanceof TypeError) return "The body is not valid UTF-8.";
  return position === undefined
    ? "The body is not valid JSON."
    : `The body is not valid JSON at character ${position}.`;
}
