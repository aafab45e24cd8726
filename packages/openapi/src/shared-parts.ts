/**
 * Parts of operations that a document has more than once, under `components`: parameters and responses that say the same
 * are written once and referred to. Names depend on nothing but what the parts say and the order of the document.
 */
import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, put } from "./json.js";

type Kind = "parameters" | "responses";

/** What has fewer characters than this is easier to read in place. */
const CHARS_MIN: { readonly [kind in Kind]: number } = { parameters: 120, responses: 200 };

export interface SharedParts {
  readonly paths: JsonObject;
  readonly parameters: JsonObject;
  readonly responses: JsonObject;
}

/**
 * @param taken names of responses under `components` that are in use already
 * @param schemas names of schemas. Generators of clients write "Response" or "Parameter" behind the name of such a part, and
 * types of one name do not compile.
 */
export function shareParts(
  paths: JsonObject,
  taken: ReadonlySet<string>,
  schemas: readonly string[],
): SharedParts {
  const counts = new Map<string, number>();
  mapParts(paths, (_kind, part) => {
    const text = JSON.stringify(part);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    return part;
  });
  const shared = {
    parameters: new Names(new Set(), typeNames(schemas, "parameter")),
    responses: new Names(taken, typeNames(schemas, "response")),
  };
  const written = mapParts(paths, (kind, part, key) => {
    const text = JSON.stringify(part);
    if (text.length < CHARS_MIN[kind] || (counts.get(text) ?? 0) < 2) return part;
    return {
      $ref: `#/components/${kind}/${shared[kind].nameOf(text, part, () => wantedName(kind, part, key))}`,
    };
  });
  return {
    paths: written,
    parameters: shared.parameters.toJson(),
    responses: shared.responses.toJson(),
  };
}

/** Of schemas, as the names of parts that would get the same type; these end with the suffix. */
function typeNames(schemas: readonly string[], suffix: string): ReadonlySet<string> {
  return new Set(
    schemas.map(typeName).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [])),
  );
}

/** What generators make one type of, in whatever case. */
function typeName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}

class Names {
  readonly #taken: Set<string>;
  readonly #types: ReadonlySet<string>;
  readonly #names = new Map<string, string>();
  readonly #parts: MutableJsonObject = {};

  /** @param types names that no part gets, as `typeName` has them */
  constructor(taken: ReadonlySet<string>, types: ReadonlySet<string>) {
    this.#taken = new Set(taken);
    this.#types = types;
  }

  nameOf(text: string, part: JsonObject, wanted: () => string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const base = wanted();
    let name = base;
    for (let n = 2; this.#taken.has(name) || this.#types.has(typeName(name)); n++) name = `${base}-${n}`;
    this.#taken.add(name);
    this.#names.set(text, name);
    this.#parts[name] = part;
    return name;
  }

  /** In code-unit order. */
  toJson(): JsonObject {
    return Object.fromEntries(Object.entries(this.#parts).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** `page` or `BadRequest`: a parameter's name, a response's description or status. */
function wantedName(kind: Kind, part: JsonObject, status: string): string {
  const text = kind === "parameters" ? part.name : part.description;
  const words = typeof text === "string" ? text.split(/[^A-Za-z0-9_-]+/).filter((word) => word !== "") : [];
  if (kind === "parameters") return words.join("_").slice(0, 60) || "parameter";
  const name = words
    .slice(0, 4)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .slice(0, 60);
  return name || `Response${status}`;
}

type ChangePart = (kind: Kind, part: JsonObject, key: string) => Json;

function mapParts(paths: JsonObject, change: ChangePart): JsonObject {
  const out: MutableJsonObject = {};
  for (const [path, item] of Object.entries(paths)) {
    const operations: MutableJsonObject = {};
    for (const [method, operation] of Object.entries(item as JsonObject))
      operations[method] = mapOperation(operation as JsonObject, change);
    put(out, path, operations);
  }
  return out;
}

function mapOperation(operation: JsonObject, change: ChangePart): JsonObject {
  const mapped: MutableJsonObject = { ...operation };
  if (isArray(operation.parameters))
    mapped.parameters = operation.parameters.map((one) => change("parameters", one as JsonObject, ""));
  const responses: MutableJsonObject = {};
  for (const [status, one] of Object.entries(operation.responses as JsonObject))
    responses[status] = isObject(one) && one.$ref === undefined ? change("responses", one, status) : one;
  mapped.responses = responses;
  return mapped;
}
