/**
 * The rules of a route's operation and of what the operations of an Api share: form, size, references, and whether
 * requests can be checked against their schemas. Reads nothing but its arguments. Matching operation and path pattern
 * is not its task: a parameter that the pattern does not have is never looked at.
 */
import { isStatus, parameterPlaces, parameterStyleNames } from "@latchkey/core";
import type { Problems } from "../../errors/user-error.js";
import type { FieldPath, Maybe } from "../../forms/form.js";
import { checkSchemaFault } from "../../forms/schema-fault.js";
import { type ApiComponents, apiLimits } from "./api.js";
import { hasSharedReference, isRecord, sharedReferences, withoutSharedReferences } from "./shared-schemas.js";

export interface OperationContext {
  /** Names of the Api's shared schemas. */
  readonly schemaNames: ReadonlySet<string>;
  /**
   * The schemas need no check here: the reader of documents has left out what cannot be checked, or they were checked when
   * they were stored.
   */
  readonly schemasChecked: boolean;
}

/** JSON text of the operation, null for none, undefined when it is left out. Of no use when there are problems. */
export function checkOperation(
  problems: Problems,
  field: FieldPath,
  operation: Maybe<object>,
  context: OperationContext,
): string | null | undefined {
  if (operation === undefined || operation === null) return operation;
  const text = JSON.stringify(operation);
  if (text === "{}") return null;
  if (text.length > apiLimits.operationCharsMax) {
    problems.add(
      "TOO_LONG",
      field,
      `An operation has at most ${apiLimits.operationCharsMax} characters of JSON; this one has ${text.length}.`,
    );
    return null;
  }
  const schemas: Schema[] = [];
  const fault = new FormReader(schemas).fault(operation);
  if (fault !== null) {
    problems.add("INVALID", [...field, ...fault.path], fault.message);
    return null;
  }
  const areReferencesRight = checkReferences(problems, field, operation, context.schemaNames);
  if (areReferencesRight && !context.schemasChecked)
    for (const { path, schema } of schemas)
      checkSchemaFault(problems, [...field, ...path], withoutSharedReferences(schema));
  return text;
}

export interface ComponentsForm {
  /** Left out: as they were; null: none. */
  readonly schemas?: Maybe<object>;
  readonly tags?: Maybe<readonly object[]>;
  readonly info?: Maybe<object>;
}

/** `before` with the form applied; of no use when there are problems. */
export function checkComponents(
  problems: Problems,
  before: ApiComponents,
  form: ComponentsForm,
  schemasChecked: boolean,
): ApiComponents {
  return {
    schemas:
      form.schemas === undefined ? before.schemas : checkSchemas(problems, form.schemas, schemasChecked),
    tags: form.tags === undefined ? before.tags : checkTags(problems, form.tags),
    info: form.info === undefined ? before.info : checkInfo(problems, form.info),
  };
}

const SCHEMA_NAME = /^[a-zA-Z0-9._-]+$/;
const SCHEMA_NAME_CHARS_MAX = 256;

function checkSchemas(problems: Problems, schemas: object | null, schemasChecked: boolean): string | null {
  const field = ["input", "schemas"];
  const text = schemas === null ? "{}" : JSON.stringify(schemas);
  if (schemas === null || text === "{}") return null;
  if (text.length > apiLimits.schemasCharsMax) {
    problems.add(
      "TOO_LONG",
      field,
      `The schemas of an API have at most ${apiLimits.schemasCharsMax} characters of JSON; these have ${text.length}.`,
    );
    return null;
  }
  const names = new Set(Object.keys(schemas));
  for (const [name, schema] of Object.entries(schemas)) {
    const at = [...field, name];
    if (!SCHEMA_NAME.test(name) || name.length > SCHEMA_NAME_CHARS_MAX)
      problems.add(
        "INVALID",
        at,
        `A schema's name is letters, digits, ".", "_" or "-", at most ${SCHEMA_NAME_CHARS_MAX} characters.`,
      );
    else if (!isSchema(schema)) problems.add("INVALID", at, "A schema is an object or a boolean.");
    else {
      const areReferencesRight = checkReferences(problems, at, schema, names);
      if (areReferencesRight && !schemasChecked)
        checkSchemaFault(problems, at, withoutSharedReferences(schema));
    }
  }
  return text;
}

function checkTags(problems: Problems, tags: readonly object[] | null): string | null {
  if (tags === null || tags.length === 0) return null;
  const field = ["input", "tags"];
  const text = JSON.stringify(tags);
  if (text.length > apiLimits.tagsCharsMax) {
    problems.add("TOO_LONG", field, `Tags have at most ${apiLimits.tagsCharsMax} characters of JSON.`);
    return null;
  }
  const names = new Set<string>();
  for (const [i, tag] of tags.entries()) {
    const { name } = tag as { readonly name?: unknown };
    const at = [...field, String(i), "name"];
    if (typeof name !== "string" || name === "") problems.add("INVALID", at, "A tag has a name.");
    else if (names.has(name)) problems.add("INVALID", at, `The tag "${name}" is listed twice.`);
    else names.add(name);
  }
  return text;
}

function checkInfo(problems: Problems, info: object | null): string | null {
  if (info === null) return null;
  const field = ["input", "info"];
  const text = JSON.stringify(info);
  if (text === "{}") return null;
  if (text.length > apiLimits.infoCharsMax) {
    problems.add("TOO_LONG", field, `The info has at most ${apiLimits.infoCharsMax} characters of JSON.`);
    return null;
  }
  const fault = formFault(infoForm, info);
  if (fault !== null) problems.add("INVALID", [...field, ...fault.path], fault.message);
  return text;
}

/** References of stored operations after the shared schemas changed. `text`: JSON of the operation. */
export function checkStoredReferences(
  problems: Problems,
  field: FieldPath,
  text: string | null,
  names: ReadonlySet<string>,
): void {
  if (text !== null && hasSharedReference(text))
    checkReferences(problems, field, JSON.parse(text) as object, names);
}

function checkReferences(
  problems: Problems,
  field: FieldPath,
  value: unknown,
  names: ReadonlySet<string>,
): boolean {
  let areRight = true;
  for (const { path, target, name } of sharedReferences(value)) {
    if (name !== null && names.has(name)) continue;
    areRight = false;
    const at = [...field, ...path];
    if (name === null)
      problems.add(
        "INVALID",
        at,
        `"${target}" leads nowhere: a reference is "#/components/schemas/<name>", or "#/$defs/<name>" within a schema.`,
      );
    else problems.add("INVALID", at, `There is no schema "${name}" among the API's schemas.`);
  }
  return areRight;
}

function isSchema(value: unknown): value is object | boolean {
  return typeof value === "boolean" || isRecord(value);
}

interface Schema {
  readonly path: readonly string[];
  readonly schema: unknown;
}

/** The schemas of an operation that has the form of one. */
export function schemasOf(operation: object): readonly Schema[] {
  const schemas: Schema[] = [];
  new FormReader(schemas).fault(operation);
  return schemas;
}

interface FormFault {
  readonly path: readonly string[];
  readonly message: string;
}

class Misplaced extends Error {
  constructor(
    readonly path: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

type Rule = (value: unknown, path: readonly string[]) => void;
type Rules = { readonly [key: string]: Rule };

/** Walks an Operation Object as `OperationModel` has it, and collects its schemas. */
class FormReader {
  readonly #schemas: Schema[];

  constructor(schemas: Schema[]) {
    this.#schemas = schemas;
  }

  /** The first thing that is not of the form; null: there is none. */
  fault(operation: unknown): FormFault | null {
    return formFault(record("An operation", this.#operation), operation);
  }

  readonly #schema: Rule = (value, path) => {
    if (!isSchema(value)) throw new Misplaced(path, "A schema is an object or a boolean.");
    this.#schemas.push({ path, schema: value });
  };

  readonly #header: Rule = record("A header", {
    description: text,
    required: flag,
    deprecated: flag,
    style: oneOf(["simple"]),
    explode: flag,
    schema: this.#schema,
    content: (value, path) => this.#content(value, path),
    example: any,
    examples: object,
  });

  readonly #mediaType: Rule = record("A media type", {
    schema: this.#schema,
    example: any,
    examples: object,
    encoding: map("The encoding", object),
  });

  readonly #content: Rule = map("The content", this.#mediaType);

  readonly #parameter: Rule = (value, path) => {
    record("A parameter", {
      name: nonEmpty,
      in: oneOf(parameterPlaces),
      required: flag,
      description: text,
      deprecated: flag,
      allowEmptyValue: flag,
      style: oneOf(parameterStyleNames),
      explode: flag,
      allowReserved: flag,
      schema: this.#schema,
      content: this.#content,
      example: any,
      examples: object,
    })(value, path);
    const { name, in: place, schema, content } = value as { readonly [key: string]: unknown };
    if (name === undefined) throw new Misplaced([...path, "name"], "A parameter has a name.");
    if (place === undefined)
      throw new Misplaced([...path, "in"], 'A parameter is in "path", "query", "header" or "cookie".');
    const contents = content === undefined ? 0 : Object.keys(content as object).length;
    if ((schema === undefined) !== (contents === 1))
      throw new Misplaced(path, "A parameter has either `schema` or `content` with one media type.");
  };

  readonly #parameters: Rule = (value, path) => {
    list("Parameters", this.#parameter)(value, path);
    const seen = new Set<string>();
    for (const [i, { in: place, name }] of (value as { in: string; name: string }[]).entries()) {
      const key = `${place} ${place === "header" ? name.toLowerCase() : name}`;
      if (seen.has(key))
        throw new Misplaced([...path, String(i)], `The ${place} parameter "${name}" is listed twice.`);
      seen.add(key);
    }
  };

  readonly #requestBody: Rule = (value, path) => {
    record("A request body", { description: text, required: flag, content: this.#content })(value, path);
    if ((value as { content?: unknown }).content === undefined)
      throw new Misplaced([...path, "content"], "A request body has `content`.");
  };

  readonly #response: Rule = (value, path) => {
    record("A response", {
      description: text,
      headers: map("Headers", this.#header),
      content: this.#content,
    })(value, path);
    if ((value as { description?: unknown }).description === undefined)
      throw new Misplaced([...path, "description"], "A response has a description.");
  };

  readonly #responses: Rule = (value, path) => {
    map("Responses", this.#response)(value, path);
    for (const status of Object.keys(value as object))
      if (!isStatus(status)) throw new Misplaced([...path, status], 'A status is "200", "2XX" or "default".');
  };

  readonly #operation: Rules = {
    summary: text,
    description: text,
    tags: list("Tags", nonEmpty),
    deprecated: flag,
    externalDocs: object,
    parameters: this.#parameters,
    requestBody: this.#requestBody,
    responses: this.#responses,
    operationId: elsewhere("The operation id is the route's: set `operationId` of the route."),
    security: elsewhere("The gateway's keys and tokens take the place of `security`: leave it out."),
    servers: elsewhere("Routes are served at the gateway's URL: leave `servers` out."),
    callbacks: elsewhere("A route has no callbacks: leave `callbacks` out."),
  };
}

/** The first thing that is not as the rule wants it; null: there is none. */
function formFault(rule: Rule, value: unknown): FormFault | null {
  try {
    rule(value, []);
    return null;
  } catch (error) {
    if (error instanceof Misplaced) return { path: error.path, message: error.message };
    throw error;
  }
}

const infoForm: Rule = record("The info", {
  termsOfService: text,
  contact: record("A contact", { name: text, url: text, email: text }),
  license: (value, path) => {
    record("A license", { name: nonEmpty, identifier: text, url: text })(value, path);
    if ((value as { name?: unknown }).name === undefined)
      throw new Misplaced([...path, "name"], "A license has a name.");
  },
});

function record(noun: string, rules: Rules): Rule {
  return (value, path) => {
    if (!isRecord(value)) throw new Misplaced(path, `${noun} is an object.`);
    for (const [key, member] of Object.entries(value)) {
      const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
      if (rule === undefined)
        throw new Misplaced([...path, key], `${noun} has no field "${key}" here: leave it out.`);
      rule(member, [...path, key]);
    }
  };
}

function map(noun: string, rule: Rule): Rule {
  return (value, path) => {
    if (!isRecord(value)) throw new Misplaced(path, `${noun} is an object.`);
    for (const [key, member] of Object.entries(value)) rule(member, [...path, key]);
  };
}

function list(noun: string, rule: Rule): Rule {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Misplaced(path, `${noun} are a list.`);
    for (const [i, member] of value.entries()) rule(member, [...path, String(i)]);
  };
}

function oneOf(values: readonly string[]): Rule {
  return (value, path) => {
    if (typeof value !== "string" || !values.includes(value))
      throw new Misplaced(path, `This is one of ${values.join(", ")}.`);
  };
}

function elsewhere(message: string): Rule {
  return (_value, path) => {
    throw new Misplaced(path, message);
  };
}

function text(value: unknown, path: readonly string[]): void {
  if (typeof value !== "string") throw new Misplaced(path, "This is a text.");
}

function nonEmpty(value: unknown, path: readonly string[]): void {
  if (typeof value !== "string" || value === "")
    throw new Misplaced(path, "This is a text that is not empty.");
}

function flag(value: unknown, path: readonly string[]): void {
  if (typeof value !== "boolean") throw new Misplaced(path, "This is true or false.");
}

function object(value: unknown, path: readonly string[]): void {
  if (!isRecord(value)) throw new Misplaced(path, "This is an object.");
}

function any(): void {
  // Any JSON is an example.
}
