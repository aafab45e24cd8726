/** The schemas of an operation, compiled, as its validators need them. */
import { err, isIgnoredHeader, ok, type ParameterPlace, type Result } from "@latchkey/core";
import { FormBody } from "./form-body.js";
import { type BodyForm, bestRange, bodyFormOf, essenceOf, type MediaType } from "./media-type.js";
import type { ContentSchemas, HeaderSchema, OperationSchemas, ParameterSchema } from "./operation-schemas.js";
import { Parameter } from "./parameter.js";
import { type CompiledSchema, compileSchema, notCompiled } from "./schema-compiler.js";
import type { JsonObject } from "./schema-keywords.js";
import { type Direction, namesIn, reachableSize, schemaView, sharedReferencesIn } from "./schema-view.js";
import { SchemaRoot } from "./text-values.js";
import { SCHEMA_NODES_MAX } from "./work-meter.js";

/** What is wrong with the schemas themselves. */
export interface SchemaProblem {
  readonly in: "body" | "response" | ParameterPlace;
  /** Of the parameter, the media type, or status and media type. */
  readonly name: string;
  /** For the author of the schema. */
  readonly detail: string;
}

export interface BodyRange {
  /** A media type or range as the operation names it. */
  readonly range: string;
  /** Null: any value. */
  readonly schema: CompiledSchema | null;
  /** Made when the first form comes. */
  readonly form: () => FormBody;
  /** Names of properties that the schema holds, as tokens of a pointer. */
  readonly names: () => ReadonlySet<string>;
}

/** How a body is read and what it is held to. */
export interface CheckedBody {
  readonly read: BodyForm;
  readonly schema: CompiledSchema;
  readonly form: () => FormBody;
}

export interface ResponseParts {
  readonly headers: readonly Parameter[];
  /** Empty: any content type. */
  readonly content: readonly BodyRange[];
}

export interface OperationParts {
  readonly path: ReadonlyMap<string, Parameter>;
  readonly query: readonly Parameter[];
  readonly queryNames: ReadonlySet<string>;
  readonly headers: readonly Parameter[];
  readonly cookies: readonly Parameter[];
  readonly cookieNames: ReadonlySet<string>;
  readonly bodyRequired: boolean;
  /** Empty: any content type. */
  readonly content: readonly BodyRange[];
  /** By status, range of statuses (`2XX`) or `default`; null: any response. */
  readonly responses: ReadonlyMap<string, ResponseParts> | null;
}

/** Null: there is nothing that a body of this type is held to. */
export function checkedBody(content: readonly BodyRange[], type: MediaType): CheckedBody | null {
  const read = bodyFormOf(type.essence);
  if (read === null) return null;
  const range = bestRange(content, type);
  return range === null || range.schema === null ? null : { read, schema: range.schema, form: range.form };
}

/** @param valuesMax values of all schemas together that are compiled */
export function compileParts(
  operation: OperationSchemas,
  valuesMax: number,
): Result<OperationParts, readonly SchemaProblem[]> {
  return new PartsCompiler(operation, valuesMax).compile();
}

interface CompiledRoot {
  readonly schema: CompiledSchema | null;
  readonly root: SchemaRoot;
}

class PartsCompiler {
  readonly #operation: OperationSchemas;
  readonly #problems: SchemaProblem[] = [];
  /** Operations often hold many bodies to one schema: by direction and text. */
  readonly #known = new Map<string, Result<CompiledRoot, string>>();
  #valuesLeft: number;

  constructor(operation: OperationSchemas, valuesMax: number) {
    this.#operation = operation;
    this.#valuesLeft = valuesMax;
  }

  compile(): Result<OperationParts, readonly SchemaProblem[]> {
    const { requestBody, responses } = this.#operation;
    const parameters = (this.#operation.parameters ?? [])
      .filter((given) => !isIgnoredHeader(given.in, given.name))
      .map((given) => this.#parameter(given, given.in, "request"));
    const placed = (place: ParameterPlace) => parameters.filter((parameter) => parameter.place === place);
    const [path, query, headers, cookies] = [
      placed("path"),
      placed("query"),
      placed("header"),
      placed("cookie"),
    ];
    const content = this.#content(requestBody?.content, "request", "");
    const parts: OperationParts = {
      path: new Map(path.map((parameter) => [parameter.name, parameter])),
      query,
      queryNames: new Set(query.map(({ name }) => name)),
      headers,
      cookies,
      cookieNames: new Set(cookies.map(({ name }) => name)),
      bodyRequired: requestBody?.required === true,
      content,
      responses:
        responses === undefined
          ? null
          : new Map(
              Object.entries(responses).map(([status, response]) => [
                status.toUpperCase() === "DEFAULT" ? "default" : status.toUpperCase(),
                {
                  headers: Object.entries(response.headers ?? {})
                    .map(([name, header]) => headerParameter(name, header))
                    .filter((given) => !isIgnoredHeader(given.in, given.name))
                    .map((given) => this.#parameter(given, "response", "response", `${status} `)),
                  content: this.#content(response.content, "response", `${status} `),
                },
              ]),
            ),
    };
    return this.#problems.length > 0 ? err(this.#problems) : ok(parts);
  }

  #parameter(
    given: ParameterSchema,
    place: SchemaProblem["in"],
    direction: Direction,
    prefix = "",
  ): Parameter {
    const [content] = Object.values(given.content ?? {});
    const { root, schema } = this.#schema(
      content === undefined ? given.schema : content.schema,
      direction,
      place,
      prefix + given.name,
    );
    return new Parameter(given, root, schema);
  }

  #content(given: ContentSchemas | undefined, direction: Direction, prefix: string): BodyRange[] {
    return Object.entries(given ?? {}).map(([range, { schema, encoding }]) => {
      const isRead = bodyFormOf(essenceOf(range)) !== null || range.includes("*");
      const place = direction === "request" ? "body" : "response";
      const compiled = this.#schema(isRead ? schema : undefined, direction, place, prefix + range);
      let form: FormBody | null = null;
      let names: ReadonlySet<string> | null = null;
      return {
        range,
        schema: compiled.schema,
        form: () => {
          form ??= new FormBody(compiled.root, encoding);
          return form;
        },
        names: () => {
          names ??= namesIn(compiled.root.schema);
          return names;
        },
      };
    });
  }

  #schema(schema: unknown, direction: Direction, place: SchemaProblem["in"], name: string): CompiledRoot {
    if (schema === undefined) return { schema: null, root: new SchemaRoot(true) };
    const key = `${direction} ${JSON.stringify(schema)}`;
    let compiled = this.#known.get(key);
    if (compiled === undefined) {
      compiled = this.#schemaAnew(schema, direction);
      this.#known.set(key, compiled);
    }
    if (compiled.ok) return compiled.value;
    this.#problems.push({ in: place, name, detail: compiled.error });
    return { schema: null, root: new SchemaRoot(true) };
  }

  #schemaAnew(schema: unknown, direction: Direction): Result<CompiledRoot, string> {
    const { schemas } = this.#operation;
    if (schemas === "elsewhere")
      return sharedReferencesIn(schema).length > 0
        ? ok({ schema: notCompiled, root: new SchemaRoot(true) })
        : this.#compileWith(schema, undefined, direction);
    return this.#compileWith(schema, schemas, direction);
  }

  #compileWith(
    schema: unknown,
    schemas: JsonObject | undefined,
    direction: Direction,
  ): Result<CompiledRoot, string> {
    if (this.#valuesLeft !== Number.POSITIVE_INFINITY) {
      const size = reachableSize(schema, schemas, this.#valuesLeft);
      if (size > this.#valuesLeft) return ok({ schema: notCompiled, root: new SchemaRoot(true) });
      this.#valuesLeft -= size;
    }
    return compileView(schema, schemas, direction);
  }
}

function compileView(
  schema: unknown,
  schemas: JsonObject | undefined,
  direction: Direction,
): Result<CompiledRoot, string> {
  const tooLarge = schemaSizeFault(schema, schemas);
  if (tooLarge !== null) return err(tooLarge);
  let view: unknown;
  try {
    view = schemaView(schema, schemas, direction);
  } catch (error) {
    if (error instanceof RangeError) return err("the schema is nested too deep");
    throw error;
  }
  const compiled = compileSchema(view);
  return compiled.ok ? ok({ schema: compiled.value, root: new SchemaRoot(view) }) : compiled;
}

/**
 * Why a schema is too large to be compiled with all that it refers to, or null. Costs at most a millisecond, where
 * `schemaFault` compiles.
 * @param schemas what `#/components/schemas/<name>` leads to
 */
export function schemaSizeFault(schema: unknown, schemas?: JsonObject): string | null {
  return reachableSize(schema, schemas, SCHEMA_NODES_MAX) > SCHEMA_NODES_MAX
    ? `the schema and all that it refers to hold more than ${SCHEMA_NODES_MAX} values`
    : null;
}

/**
 * What is wrong with a schema that requests are to be held to, as a sentence for its author; or null.
 * @param schemas what `#/components/schemas/<name>` leads to
 */
export function schemaFault(schema: unknown, schemas?: JsonObject): string | null {
  const viewed = compileView(schema, schemas, "request");
  return viewed.ok ? null : viewed.error;
}

function headerParameter(name: string, header: HeaderSchema): ParameterSchema {
  return { ...header, in: "header", name };
}
