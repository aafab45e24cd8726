/**
 * Parameters of Swagger 2.0 that the converter loses, in words that it keeps: shared bodies and forms, what the fields of a form
 * are held to, and lists that OpenAPI 3 has no style for.
 */
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  objectOf,
  put,
} from "./json.js";

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

/** What a list has instead of one text. */
const listKeywords: ReadonlySet<string> = new Set([
  "type",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "enum",
  "default",
]);
const notOfSchemas: ReadonlySet<string> = new Set(["name", "in", "required"]);

/** Bodies and fields of forms are those of operations: shared ones and those of a path are copied there. */
export function withOwnBodies(
  item: JsonObject,
  methods: readonly string[],
  document: JsonObject,
): JsonObject {
  const shared = member(document, "parameters");
  const copy: MutableJsonObject = { ...item };
  const ofPath = parametersOf(item, shared);
  if (isArray(member(item, "parameters"))) copy.parameters = ofPath.filter(isNoBody).map(withDelimiters);
  for (const method of methods) {
    const operation = member(item, method);
    if (!isObject(operation)) continue;
    const own = parametersOf(operation, shared);
    const all = [...ofPath, ...own].filter(isObject);
    const body = all.filter((one) => member(one, "in") === "body").at(-1);
    const fields = new Map(
      all.filter((one) => member(one, "in") === "formData").map((one) => [String(member(one, "name")), one]),
    );
    const parameters = [...own.filter(isNoBody).map(withDelimiters), ...(body === undefined ? [] : [body])];
    copy[method] = {
      ...operation,
      ...(parameters.length > 0 && { parameters }),
      ...(fields.size > 0 && { requestBody: formOf(fields, typesOf(operation) ?? typesOf(document) ?? []) }),
    };
    if (parameters.length === 0) delete (copy[method] as MutableJsonObject).parameters;
  }
  return copy;
}

/** Those of all operations. */
export function sharedParameters(parameters: JsonObject): JsonObject {
  return objectOf(
    Object.entries(parameters)
      .filter(([, parameter]) => isNoBody(parameter))
      .map(([name, parameter]) => [name, withDelimiters(parameter)] as const),
  );
}

function parametersOf(item: JsonObject, shared: Json | undefined): readonly Json[] {
  const given = member(item, "parameters");
  if (!isArray(given)) return [];
  return given.map((parameter) => {
    const ref = isObject(parameter) ? member(parameter, "$ref") : undefined;
    if (typeof ref !== "string" || !ref.startsWith("#/parameters/") || !isObject(shared)) return parameter;
    const target = member(shared, ref.slice("#/parameters/".length));
    return target === undefined || isNoBody(target) ? parameter : target;
  });
}

function typesOf(item: JsonObject): readonly Json[] | undefined {
  const consumes = member(item, "consumes");
  return isArray(consumes) ? consumes : undefined;
}

function isNoBody(parameter: Json): boolean {
  const place = isObject(parameter) ? member(parameter, "in") : undefined;
  return place !== "body" && place !== "formData";
}

/** OpenAPI 3 has no style for lists with tabs, and in paths and headers none but commas: such a list is a text there, with a note. */
function withDelimiters(parameter: Json): Json {
  if (!isObject(parameter) || member(parameter, "type") !== "array") return parameter;
  const format = formatOf(parameter);
  const isStyled = member(parameter, "in") === "query" ? format !== "tsv" : /^(?:csv|multi)$/.test(format);
  return isStyled ? withFlatItems(parameter) : { ...asText(parameter, ["collectionFormat"]), style: format };
}

/** Commas are the default (Swagger 2.0, Parameter Object). */
function formatOf(parameter: JsonObject): string {
  const format = member(parameter, "collectionFormat");
  return typeof format === "string" ? format : "csv";
}

/** A list within a list is delimited, too: a text. */
function withFlatItems(parameter: JsonObject): JsonObject {
  const items = member(parameter, "items");
  if (!isObject(items) || member(items, "type") !== "array") return parameter;
  return { ...parameter, items: asText(items, []) };
}

function asText(list: JsonObject, others: readonly string[]): MutableJsonObject {
  const kept = Object.entries(list).filter(([key]) => !listKeywords.has(key) && !others.includes(key));
  return { ...objectOf(kept), type: "string" };
}

function formOf(fields: ReadonlyMap<string, JsonObject>, consumes: readonly Json[]): JsonObject {
  const given = consumes.filter(
    (type): type is string =>
      typeof type === "string" &&
      /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type),
  );
  const isFile = [...fields.values()].some(hasFile);
  const types = given.length > 0 ? given : isFile ? [MULTIPART] : [URLENCODED, MULTIPART];
  return {
    ...([...fields.values()].some((field) => member(field, "required") === true) && { required: true }),
    content: objectOf(types.map((type) => [type, formMediaOf(fields, /^multipart/i.test(type))] as const)),
  };
}

function hasFile(field: JsonObject): boolean {
  const items = member(field, "items");
  return member(field, "type") === "file" || (isObject(items) && member(items, "type") === "file");
}

const styles: { readonly [format: string]: string } = {
  csv: "form",
  ssv: "spaceDelimited",
  pipes: "pipeDelimited",
};

function formMediaOf(fields: ReadonlyMap<string, JsonObject>, isMultipart: boolean): JsonObject {
  const properties: MutableJsonObject = {};
  const encoding: MutableJsonObject = {};
  const required: string[] = [];
  for (const [name, field] of fields) {
    if (member(field, "required") === true) required.push(name);
    const schema = objectOf(Object.entries(field).filter(([key]) => !notOfSchemas.has(key)));
    const isList = member(field, "type") === "array" && !hasFile(field);
    const style = isList && !isMultipart ? styles[formatOf(field)] : undefined;
    const isRepeated = formatOf(field) === "multi" || !isList;
    // A delimited list that the encoding cannot say: the report names its `collectionFormat`.
    if (!isRepeated && style === undefined) put(properties, name, asText(schema, []));
    else {
      const { collectionFormat: _said, ...rest } = schema;
      put(properties, name, withFlatItems(rest));
      if (style !== undefined) put(encoding, name, { style, explode: false });
    }
  }
  return {
    schema: { type: "object", ...(required.length > 0 && { required }), properties },
    ...(Object.keys(encoding).length > 0 && { encoding }),
  };
}
