/**
 * What a text of a URL, header, cookie or form can stand for: a number, true or false, null or the text itself, as the
 * schema wants it. Where several are possible each is tried, so that a text is accepted when one of them fits. Bounded:
 * at most four candidates a text, and every trial of one is paid for.
 */
import { int64Text } from "./int64.js";
import { type LinearRegex, linearRegex } from "./linear-regex.js";
import { type CompiledSchema, compileSchema, meter, TOO_COSTLY } from "./schema-compiler.js";
import { isObject, type JsonObject, setMember, targetOf } from "./schema-keywords.js";
import { schemaSize, TooMuchWork } from "./work-meter.js";

/** Kinds of values, as a set of bits. */
export const Kind = { number: 1, boolean: 2, null: 4, string: 8, array: 16, object: 32 } as const;
const ANY = 63;
const CONTAINERS = Kind.array | Kind.object;

const kindOfType: { readonly [type: string]: number } = {
  integer: Kind.number,
  number: Kind.number,
  boolean: Kind.boolean,
  null: Kind.null,
  string: Kind.string,
  array: Kind.array,
  object: Kind.object,
};

/** What keywords speak of, where a schema names no type. */
const kindOfKeyword: { readonly [keyword: string]: number } = {
  minimum: Kind.number,
  maximum: Kind.number,
  exclusiveMinimum: Kind.number,
  exclusiveMaximum: Kind.number,
  multipleOf: Kind.number,
  items: Kind.array,
  prefixItems: Kind.array,
  minItems: Kind.array,
  maxItems: Kind.array,
  properties: Kind.object,
  additionalProperties: Kind.object,
  patternProperties: Kind.object,
};

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** Never none: the first is the one that the schema most likely means. */
function scalarsOf(text: string, kinds: number): unknown[] {
  const values: unknown[] = [];
  if ((kinds & Kind.number) !== 0 && NUMBER.test(text)) {
    const value = Number(int64Text(text));
    if (Number.isFinite(value)) values.push(value);
  }
  if ((kinds & Kind.boolean) !== 0 && (text === "true" || text === "false")) values.push(text === "true");
  if ((kinds & Kind.null) !== 0 && text === "") values.push(null);
  if ((kinds & Kind.string) !== 0 || values.length === 0) values.push(text);
  return values;
}

/** Ways to read a list or an object that a schema offers beside each other (`anyOf`, `oneOf`). */
const VIEWS_MAX = 16;
const READERS_MAX = 1_000;

/** One way to read a list or an object. Schemas of one place stand beside each other: all of them apply. */
export interface ContainerView {
  readonly kinds: number;
  readonly prefixItems: readonly (readonly unknown[])[];
  readonly items: readonly unknown[];
  readonly properties: ReadonlyMap<string, readonly unknown[]>;
  readonly patternProperties: readonly (readonly [string, unknown])[];
  readonly additionalProperties: readonly unknown[];
}

const emptyView: ContainerView = {
  kinds: ANY,
  prefixItems: [],
  items: [],
  properties: new Map(),
  patternProperties: [],
  additionalProperties: [],
};

/** A schema view (see schema-view.ts) with the readers of the schemas within it. */
export class SchemaRoot {
  readonly schema: unknown;
  /** By the numbers of their schemas. */
  #readers = new Map<string, ValueReader>();
  readonly #numbers = new Map<unknown, number>();
  readonly #kinds = new Map<unknown, number>();
  readonly #views = new Map<unknown, readonly ContainerView[]>();
  readonly #patterns = new Map<string, LinearRegex | null>();

  constructor(schema: unknown) {
    this.schema = schema;
  }

  /** For a schema of this root, or several that apply to the same value; none: any text. */
  readerOf(schemas: readonly unknown[]): ValueReader {
    const key = schemas.map((schema) => this.#numberOf(schema)).join();
    let reader = this.#readers.get(key);
    if (reader === undefined) {
      if (this.#readers.size >= READERS_MAX) this.#readers = new Map();
      const [first = true] = schemas;
      reader = new ValueReader(this, schemas.length > 1 ? { allOf: schemas } : first);
      this.#readers.set(key, reader);
    }
    return reader;
  }

  #numberOf(schema: unknown): number {
    let number = this.#numbers.get(schema);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(schema, number);
    }
    return number;
  }

  /** Types that a schema admits, by all that it says of them in place. */
  kindsOf(schema: unknown): number {
    if (!isObject(schema)) return ANY;
    const known = this.#kinds.get(schema);
    if (known !== undefined) return known;
    // A schema that leads to itself adds nothing there.
    this.#kinds.set(schema, ANY);
    const kinds = this.#kindsAnew(schema);
    this.#kinds.set(schema, kinds);
    return kinds;
  }

  #kindsAnew(schema: JsonObject): number {
    let kinds = ANY;
    const { type, enum: list, allOf, anyOf, oneOf, $ref } = schema;
    const of = (part: unknown) => this.kindsOf(part);
    if (typeof type === "string") kinds &= kindOfType[type] ?? ANY;
    else if (Array.isArray(type))
      kinds &= union(type as unknown[], (item) => kindOfType[String(item)] ?? ANY);
    if (Array.isArray(list)) kinds &= union(list as unknown[], kindOfValue);
    if ("const" in schema) kinds &= kindOfValue(schema.const);
    if ($ref !== undefined) kinds &= of(this.target($ref));
    if (Array.isArray(allOf)) for (const part of allOf as unknown[]) kinds &= of(part);
    for (const branches of [anyOf, oneOf])
      if (Array.isArray(branches)) kinds &= union(branches as unknown[], of);
    return kinds;
  }

  /** Ways to read a list or an object of the schema. */
  viewsOf(schema: unknown): readonly ContainerView[] {
    if (!isObject(schema)) return [emptyView];
    const known = this.#views.get(schema);
    if (known !== undefined) return known;
    this.#views.set(schema, [emptyView]);
    try {
      const views = this.#viewsAnew(schema);
      this.#views.set(schema, views);
      return views;
    } catch (error) {
      // Too much work for now.
      this.#views.delete(schema);
      throw error;
    }
  }

  #viewsAnew(schema: JsonObject): readonly ContainerView[] {
    let views: readonly ContainerView[] = [ownView(schema, this.kindsOf(schema))];
    if (schema.$ref !== undefined) views = crossed(views, this.viewsOf(this.target(schema.$ref)));
    const parts: unknown[] = Array.isArray(schema.allOf) ? schema.allOf : [];
    for (const part of parts) views = crossed(views, this.viewsOf(part));
    const branches = [schema.anyOf, schema.oneOf].filter((list) => Array.isArray(list)) as unknown[][];
    // What a discriminator leads to (see schema-view.ts). What `if` asks is the validator's.
    const cases = parts.flatMap((part) => (isObject(part) && "then" in part ? [part.then] : []));
    if (cases.length > 0) branches.push(cases);
    for (const list of branches)
      views = crossed(
        views,
        list.slice(0, VIEWS_MAX).flatMap((branch) => this.viewsOf(branch)),
      );
    return views;
  }

  target(ref: unknown): unknown {
    return targetOf(this.schema, ref);
  }

  matches(pattern: string, name: string): boolean {
    let regex = this.#patterns.get(pattern);
    if (regex === undefined) {
      regex = regexOf(pattern);
      this.#patterns.set(pattern, regex);
    }
    return regex?.test(name) === true;
  }

  /** A schema of this root by itself; null: it cannot be compiled apart. */
  compile(schema: unknown): CompiledSchema | null {
    const { components, $defs } = isObject(this.schema) ? this.schema : ({} as JsonObject);
    const shared = {
      ...(components === undefined ? {} : { components }),
      ...($defs === undefined ? {} : { $defs }),
    };
    const compiled = compileSchema(isObject(schema) ? { ...schema, ...shared } : schema);
    return compiled.ok ? compiled.value : null;
  }
}

function regexOf(pattern: string): LinearRegex | null {
  try {
    return linearRegex(pattern, (units) => meter.pay(units));
  } catch (error) {
    if (error instanceof TooMuchWork) throw error;
    return null;
  }
}

/** Reads texts as values of one schema. */
export class ValueReader {
  readonly root: SchemaRoot;
  readonly schema: unknown;
  /** What values of the schema can be. */
  readonly kinds: number;
  #check: CompiledSchema | null | undefined;
  #price = 0;

  constructor(root: SchemaRoot, schema: unknown) {
    this.root = root;
    this.schema = schema;
    const kinds = root.kindsOf(schema);
    this.kinds = kinds === ANY ? impliedKinds(root, schema, new Set()) || Kind.string : kinds;
  }

  get takesList(): boolean {
    return (this.kinds & Kind.array) !== 0;
  }

  get takesObject(): boolean {
    return (this.kinds & Kind.object) !== 0;
  }

  get takesScalar(): boolean {
    return (this.kinds & ~CONTAINERS) !== 0;
  }

  /** The values that the text can stand for. */
  scalars(text: string): unknown[] {
    return scalarsOf(text, this.kinds);
  }

  /** Of several candidates the first that fits the schema by itself, else the first. */
  choose(candidates: readonly unknown[]): unknown {
    meter.pay(CHOICE_UNITS);
    if (candidates.length <= 1) return candidates[0];
    if (this.#check === undefined) {
      this.#price = sizeOf(this.schema);
      meter.pay(COMPILE_UNITS + this.#price * COMPILE_UNITS_PER_VALUE);
      this.#check = this.root.compile(this.schema);
    }
    const check = this.#check;
    if (check === null) return candidates[0];
    for (const candidate of candidates) {
      meter.pay(this.#price);
      const issues = check(candidate, { findAll: false });
      if (issues === TOO_COSTLY) throw new TooMuchWork();
      if (issues.length === 0) return candidate;
    }
    return candidates[0];
  }

  /** The lists that the texts can stand for, one for each way to read them. */
  lists(count: number, itemAt: (index: number, reader: ValueReader) => readonly unknown[]): unknown[][] {
    return this.views(Kind.array).map((view) =>
      Array.from({ length: count }, (_, i) => {
        const reader = this.root.readerOf(view.prefixItems[i] ?? view.items);
        return reader.choose(itemAt(i, reader));
      }),
    );
  }

  /** The objects that texts by name can stand for. */
  objects(
    names: Iterable<string>,
    memberAt: (name: string, reader: ValueReader) => readonly unknown[],
  ): JsonObject[] {
    const list = [...names];
    return this.views(Kind.object).map((view) => {
      const object: { [name: string]: unknown } = {};
      for (const name of list) {
        const reader = this.memberReader(view, name);
        setMember(object, name, reader.choose(memberAt(name, reader)));
      }
      return object;
    });
  }

  memberReader(view: ContainerView, name: string): ValueReader {
    const schemas = [...(view.properties.get(name) ?? [])];
    for (const [pattern, schema] of view.patternProperties)
      if (this.root.matches(pattern, name)) schemas.push(schema);
    return this.root.readerOf(schemas.length > 0 ? schemas : view.additionalProperties);
  }

  /** Ways to read a list or an object; one at least. */
  views(kind: number): readonly ContainerView[] {
    const fitting = this.root.viewsOf(this.schema).filter((view) => (view.kinds & kind) !== 0);
    return fitting.length > 0 ? fitting : [emptyView];
  }
}

/** For a view, and each property that is copied. */
const MERGE_UNITS = 4;
const CHOICE_UNITS = 10;
/** So that a check between the requests of others compiles a few, and leaves more to a thread. */
const COMPILE_UNITS = 10_000;
const COMPILE_UNITS_PER_VALUE = 500;

function sizeOf(schema: unknown): number {
  try {
    return schemaSize(schema);
  } catch {
    return 10_000;
  }
}

/** What keywords in place speak of. */
function impliedKinds(root: SchemaRoot, schema: unknown, seen: Set<unknown>): number {
  if (!isObject(schema) || seen.has(schema)) return 0;
  seen.add(schema);
  let kinds = 0;
  for (const key of Object.keys(schema)) kinds |= kindOfKeyword[key] ?? 0;
  if (schema.$ref !== undefined) kinds |= impliedKinds(root, root.target(schema.$ref), seen);
  for (const parts of [schema.allOf, schema.anyOf, schema.oneOf])
    if (Array.isArray(parts)) for (const part of parts as unknown[]) kinds |= impliedKinds(root, part, seen);
  return kinds;
}

function union(items: readonly unknown[], of: (item: unknown) => number): number {
  let kinds = 0;
  for (const item of items) kinds |= of(item);
  return kinds;
}

function kindOfValue(value: unknown): number {
  if (value === null) return Kind.null;
  if (Array.isArray(value)) return Kind.array;
  return kindOfType[typeof value] ?? ANY;
}

function ownView(schema: JsonObject, kinds: number): ContainerView {
  const { items, prefixItems, properties, patternProperties, additionalProperties } = schema;
  return {
    kinds,
    prefixItems: Array.isArray(prefixItems) ? prefixItems.map((item: unknown) => [item]) : [],
    items: items === undefined || Array.isArray(items) ? [] : [items],
    properties: new Map(
      Object.entries(isObject(properties) ? properties : {}).map(([name, item]) => [name, [item]]),
    ),
    patternProperties: Object.entries(isObject(patternProperties) ? patternProperties : {}),
    additionalProperties: additionalProperties === undefined ? [] : [additionalProperties],
  };
}

/** Each of the one beside each of the other, as far as they can be one value. */
function crossed(
  views: readonly ContainerView[],
  others: readonly ContainerView[],
): readonly ContainerView[] {
  const result: ContainerView[] = [];
  for (const one of views)
    for (const other of others) {
      if (result.length === VIEWS_MAX) return result;
      const merged = one === emptyView ? other : other === emptyView ? one : merge(one, other);
      if ((merged.kinds & CONTAINERS) !== 0) result.push(merged);
    }
  return result.length > 0 ? result : views;
}

function merge(one: ContainerView, other: ContainerView): ContainerView {
  meter.pay(MERGE_UNITS + MERGE_UNITS * (one.properties.size + other.properties.size));
  const properties = new Map(one.properties);
  for (const [name, schemas] of other.properties)
    properties.set(name, [...(properties.get(name) ?? []), ...schemas]);
  return {
    kinds: one.kinds & other.kinds,
    prefixItems: one.prefixItems.length >= other.prefixItems.length ? one.prefixItems : other.prefixItems,
    items: [...one.items, ...other.items],
    properties,
    patternProperties: [...one.patternProperties, ...other.patternProperties],
    additionalProperties: [...one.additionalProperties, ...other.additionalProperties],
  };
}
