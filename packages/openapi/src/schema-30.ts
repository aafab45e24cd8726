/**
 * From JSON Schema 2020-12 (normal form) to the dialect of OpenAPI 3.0.3. Says the same where 3.0 can say
 * it; where it cannot, the result accepts more than the source, never less, and the loss is noted.
 * The way back is `bundleSchema` with the dialect "openapi-3.0": down(up(down(s))) is down(s).
 */
import {
  equalJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  put,
} from "./json.js";
import type { JsonSchema } from "./read-model.js";
import { mapSubschemas, normalizeBundle, refsOf, type SchemaBundle } from "./schema-bundle.js";
import { type KeywordName, keywords } from "./schema-keywords.js";

/** Keywords that constrain and for which 3.0 has nothing. */
const inexpressible: ReadonlySet<string> = new Set<KeywordName>([
  "prefixItems",
  "contains",
  "unevaluatedItems",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
]);

const order = new Map<string, number>(
  [
    "$ref",
    "title",
    "description",
    "type",
    "nullable",
    "format",
    "enum",
    "default",
    "example",
    ...Object.keys(keywords).filter(
      (k) => !["$ref", "title", "description", "type", "format", "enum", "default"].includes(k),
    ),
  ].map((key, index) => [key, index]),
);

/** Converts a whole bundle; `loosened` receives each keyword that 3.0 cannot say, once. */
export function downgradeBundle(bundle: SchemaBundle, loosened: (keyword: string) => void): SchemaBundle {
  const schemas = new Map<string, JsonSchema>([["#", bundle.root]]);
  for (const [name, def] of bundle.defs) schemas.set(`#/$defs/${name}`, def);
  const downgrader = new Downgrader(lossyRefs(schemas), loosened);
  try {
    const defs = new Map([...bundle.defs].map(([name, def]) => [name, downgrader.schema(def)]));
    return normalizeBundle({ root: downgrader.schema(bundle.root), defs });
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    loosened("if");
    return { root: {}, defs: new Map() };
  }
}

/** A condition appears twice in its conversion, so nested ones grow exponentially: there is an end to it. */
const NODES_MAX = 50_000;

class TooLarge extends Error {}

export class Downgrader {
  readonly #loosened: (keyword: string) => void;
  readonly #lossyRefs: ReadonlySet<string>;
  #nodesLeft = NODES_MAX;

  /** @param lossy references that lead to something that 3.0 cannot say */
  constructor(lossy: ReadonlySet<string>, loosened: (keyword: string) => void) {
    this.#loosened = loosened;
    this.#lossyRefs = lossy;
  }

  /** One schema; anything is accepted where the conversion has no end. */
  schemaOf(schema: JsonSchema): JsonObject {
    try {
      return this.schema(schema);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      this.#loosened("if");
      return {};
    }
  }

  schema(schema: JsonSchema): JsonObject {
    if (this.#nodesLeft-- <= 0) throw new TooLarge();
    if (typeof schema === "boolean") return schema ? {} : { not: {} };
    const { $ref, ...rest } = schema;
    if (typeof $ref === "string") {
      // 3.0 ignores whatever stands beside a reference.
      if (Object.keys(rest).length === 0) return { $ref };
      const beside = this.#plain(rest);
      if (Object.keys(beside).length === 0) return { $ref };
      return { allOf: [{ $ref }, beside] };
    }
    return this.#plain(schema);
  }

  #plain(schema: JsonObject): JsonObject {
    const out: MutableJsonObject = {};
    const also: JsonObject[] = [];
    for (const [key, value] of Object.entries(schema)) this.#keyword(key, value, schema, out, also);
    this.#type(schema, out, also);
    this.#limits(schema, out);
    if (also.length > 0) out.allOf = [...((out.allOf as readonly Json[] | undefined) ?? []), ...also];
    return sorted(onlyBranch(out));
  }

  #keyword(key: string, value: Json, schema: JsonObject, out: MutableJsonObject, also: JsonObject[]): void {
    switch (key) {
      case "type":
      case "minimum":
      case "maximum":
      case "exclusiveMinimum":
      case "exclusiveMaximum":
      case "then":
      case "else":
      case "contentMediaType":
      case "minContains":
      case "maxContains":
        return;
      case "const":
        // Both: only if the constant is among the values.
        if (out.enum === undefined) out.enum = [value];
        else also.push({ enum: [value] });
        return;
      case "examples":
        if (isArray(value) && value[0] !== undefined) out.example = value[0];
        return;
      case "contentEncoding":
        if (value === "base64" && member(schema, "type") === "string") out.format ??= "byte";
        return;
      case "items":
        if (member(schema, "prefixItems") === undefined) out.items = this.schema(value as JsonSchema);
        return;
      case "prefixItems":
        this.#prefixItems(value as readonly JsonSchema[], schema, out);
        return;
      case "additionalProperties":
        this.#additionalProperties(value as JsonSchema, schema, out);
        return;
      case "dependentRequired":
        for (const [name, required] of Object.entries(value as JsonObject)) {
          also.push(unlessPresent(name, { required }));
        }
        return;
      case "dependentSchemas":
        for (const [name, then] of Object.entries(value as JsonObject)) {
          also.push(unlessPresent(name, this.schema(then as JsonSchema)));
        }
        return;
      case "if":
        this.#condition(schema, also);
        return;
      case "not":
        if (this.#isLossy(value as JsonSchema)) this.#loosened("not");
        else out.not = this.schema(value as JsonSchema);
        return;
      case "oneOf": {
        const branches = value as readonly JsonSchema[];
        const schemas = branches.map((branch) => this.schema(branch));
        if (!branches.some((branch) => this.#isLossy(branch))) {
          out.oneOf = withNullFolded(schemas);
        } else {
          // A branch that accepts more could make two match where one did.
          this.#loosened("oneOf");
          const anyOf = withNullFolded(schemas);
          if (out.anyOf === undefined) out.anyOf = anyOf;
          else also.push({ anyOf });
        }
        return;
      }
      case "allOf":
        out.allOf = (value as readonly JsonSchema[]).map((branch) => this.schema(branch));
        return;
      case "anyOf":
        out.anyOf = withNullFolded((value as readonly JsonSchema[]).map((branch) => this.schema(branch)));
        return;
      case "properties": {
        const map: MutableJsonObject = {};
        for (const [name, property] of Object.entries(value as JsonObject)) {
          put(map, name, this.schema(property as JsonSchema));
        }
        out.properties = map;
        return;
      }
      default:
        if (inexpressible.has(key)) this.#loosened(key);
        else put(out, key, value);
    }
  }

  #type(schema: JsonObject, out: MutableJsonObject, also: JsonObject[]): void {
    const type = member(schema, "type");
    if (type === undefined) return;
    const all = isArray(type) ? (type as readonly string[]) : [type as string];
    const types = all.filter((name) => name !== "null");
    const nullable = types.length < all.length;
    if (types.length === 1) {
      out.type = types[0] as string;
      const allowed = member(schema, "enum");
      // Beside an `enum` without null it says nothing.
      if (nullable && (!isArray(allowed) || allowed.includes(null))) out.nullable = true;
      if (types[0] === "array") out.items ??= {};
      return;
    }
    // 3.0 knows neither lists of types nor "null": without a type, an enum of null admits just null.
    const branches = withNullFolded([
      ...types.map((name): JsonObject => (name === "array" ? { type: name, items: {} } : { type: name })),
      ...(nullable ? [justNull] : []),
    ]);
    if (types.length === 0) {
      if (out.enum === undefined) out.enum = [null];
    } else if (out.anyOf === undefined) {
      out.anyOf = branches;
    } else {
      also.push({ anyOf: branches });
    }
  }

  #limits(schema: JsonObject, out: MutableJsonObject): void {
    for (const [exclusive, inclusive, stricter] of [
      ["exclusiveMinimum", "minimum", (a: number, b: number) => a >= b],
      ["exclusiveMaximum", "maximum", (a: number, b: number) => a <= b],
    ] as const) {
      const open = member(schema, exclusive) as number | undefined;
      const closed = member(schema, inclusive) as number | undefined;
      if (open !== undefined && (closed === undefined || stricter(open, closed))) {
        out[inclusive] = open;
        out[exclusive] = true;
      } else if (closed !== undefined) {
        out[inclusive] = closed;
      }
    }
  }

  #prefixItems(prefix: readonly JsonSchema[], schema: JsonObject, out: MutableJsonObject): void {
    this.#loosened("prefixItems");
    const rest = member(schema, "items");
    if (rest === undefined || rest === true) return;
    const branches = prefix.map((item) => this.schema(item));
    if (rest === false) {
      const given = member(schema, "maxItems");
      out.maxItems = typeof given === "number" ? Math.min(given, prefix.length) : prefix.length;
    } else {
      branches.push(this.schema(rest as JsonSchema));
    }
    out.items = { anyOf: branches };
  }

  #additionalProperties(additional: JsonSchema, schema: JsonObject, out: MutableJsonObject): void {
    const patterns = member(schema, "patternProperties");
    if (!isObject(patterns) || Object.keys(patterns).length === 0 || additional === true) {
      out.additionalProperties = typeof additional === "boolean" ? additional : this.schema(additional);
      return;
    }
    const branches = Object.values(patterns).map((item) => this.schema(item as JsonSchema));
    if (additional !== false) branches.push(this.schema(additional));
    out.additionalProperties = { anyOf: branches };
  }

  #condition(schema: JsonObject, also: JsonObject[]): void {
    const condition = member(schema, "if") as JsonSchema;
    const then = thatConstrains(member(schema, "then"));
    const otherwise = thatConstrains(member(schema, "else"));
    if (this.#isLossy(condition)) {
      this.#loosened("if");
      if (then === null || otherwise === null) return;
      also.push({ anyOf: [this.schema(then), this.schema(otherwise)] });
      return;
    }
    const test = this.schema(condition);
    if (then !== null && otherwise !== null) this.#pay(test);
    if (then !== null) also.push({ anyOf: [{ not: test }, this.schema(then)] });
    if (otherwise !== null) also.push({ anyOf: [test, this.schema(otherwise)] });
  }

  /** For a part that is written a second time. */
  #pay(part: Json): void {
    if (this.#nodesLeft-- <= 0) throw new TooLarge();
    if (typeof part === "object" && part !== null)
      for (const item of Object.values(part)) this.#pay(item as Json);
  }

  #isLossy(schema: JsonSchema): boolean {
    return saysInexpressible(schema) || refsOf(schema).some((ref) => this.#lossyRefs.has(ref));
  }
}

/** True when the conversion would accept more than the schema, so that negating it would accept less. */
function saysInexpressible(schema: JsonSchema): boolean {
  if (typeof schema === "boolean") return false;
  let found = false;
  for (const [key, value] of Object.entries(schema)) {
    if (inexpressible.has(key)) return true;
    const shape = Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
    mapSubschemas(shape, value, (sub) => {
      found ||= saysInexpressible(sub);
      return sub;
    });
  }
  return found;
}

/** References that lead, at any distance, to something inexpressible. */
export function lossyRefs(schemas: ReadonlyMap<string, JsonSchema>): ReadonlySet<string> {
  const lossy = new Set<string>();
  const users = new Map<string, string[]>();
  const queue: string[] = [];
  for (const [ref, schema] of schemas) {
    for (const used of refsOf(schema)) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [ref]);
      else list.push(ref);
    }
    if (saysInexpressible(schema)) queue.push(ref);
  }
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (lossy.has(ref)) continue;
    lossy.add(ref);
    queue.push(...(users.get(ref) ?? []));
  }
  return lossy;
}

/** What 3.0 has for the type "null". */
const justNull: JsonObject = { enum: [null] };

/** Keywords that null has to satisfy too; the others say something of one type. */
const ofEveryType = ["$ref", "enum", "allOf", "anyOf", "oneOf", "not"] as const;

/**
 * Branches of `anyOf` or `oneOf` with null as `nullable` of the first one that has a type, if there is one: some generators
 * of clients make a type without a name of an enum of null.
 */
function withNullFolded(branches: readonly JsonObject[]): readonly JsonObject[] {
  const at = branches.findIndex((branch) => equalJson(branch, justNull));
  const into = branches.findIndex(
    (branch) =>
      branch.type !== undefined &&
      branch.nullable === undefined &&
      ofEveryType.every((key) => member(branch, key) === undefined),
  );
  if (at < 0 || into < 0) return branches;
  return branches
    .map((branch, i) => (i === into ? sorted({ ...branch, nullable: true }) : branch))
    .filter((_, i) => i !== at);
}

const annotations: ReadonlySet<string> = new Set("title description default example deprecated".split(" "));

/** A schema that is one branch with annotations, in place of `anyOf` or `oneOf` with only that branch. */
function onlyBranch(schema: MutableJsonObject): MutableJsonObject {
  const { anyOf, oneOf, ...rest } = schema;
  if (anyOf !== undefined && oneOf !== undefined) return schema;
  const [branch, other] = (anyOf ?? oneOf ?? []) as readonly JsonObject[];
  if (branch?.nullable !== true || other !== undefined) return schema;
  const isPlain = Object.keys(rest).every((key) => annotations.has(key) && member(branch, key) === undefined);
  return isPlain ? { ...branch, ...rest } : schema;
}

function thatConstrains(schema: Json | undefined): JsonSchema | null {
  if (schema === undefined || schema === true) return null;
  return isObject(schema) && Object.keys(schema).length === 0 ? null : (schema as JsonSchema);
}

/** `schema` holds for objects that have the property; everything else passes. */
function unlessPresent(name: string, schema: JsonObject): JsonObject {
  return { anyOf: [{ not: { type: "object", required: [name] } }, schema] };
}

function sorted(schema: MutableJsonObject): JsonObject {
  const out: MutableJsonObject = {};
  const keys = Object.keys(schema).sort((a, b) => (order.get(a) ?? 999) - (order.get(b) ?? 999));
  for (const key of keys) put(out, key, schema[key] as Json);
  return out;
}
