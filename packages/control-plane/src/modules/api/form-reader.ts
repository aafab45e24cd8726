/** Reads a stored form of JSON by rules: what a value may be at each place, and where the first one is that may not. */
import { isStatus, parameterPlaces, parameterStyleNames } from "@latchkey/core";
import { isRecord } from "./shared-schemas.js";

export function isSchema(value: unknown): value is object | boolean {
  return typeof value === "boolean" || isRecord(value);
}

export interface Schema {
  readonly path: readonly string[];
  readonly schema: unknown;
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
export class FormReader {
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
export function formFault(rule: Rule, value: unknown): FormFault | null {
  try {
    rule(value, []);
    return null;
  } catch (error) {
    if (error instanceof Misplaced) return { path: error.path, message: error.message };
    throw error;
  }
}

export const infoForm: Rule = record("The info", {
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
