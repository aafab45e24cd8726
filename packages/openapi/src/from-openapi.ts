/**
 * An OpenAPI document (3.0 to 3.2 or Swagger 2.0, JSON or YAML) as an Api: the routes that it asks for, and a report of
 * everything that an Api has no place for. Pure: it fetches nothing and changes nothing.
 */
import { normalizedKey } from "@latchkey/core";
import { reachedNames } from "@latchkey/validation";
import { problemSchema } from "./gateway-response.js";
import { OperationReader, type ReadOperation } from "./import-operation.js";
import { reasonFor } from "./import-reasons.js";
import { ImportReport, type ReportCode, type ReportItem, type ReportSeverity } from "./import-report.js";
import { type ImportSource, importSourceOf, type OperationServer, serverOf } from "./import-source.js";
import { readInfo } from "./info.js";
import {
  cleanJson,
  equalJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  pointerOf,
  pointerTokens,
  truncate,
} from "./json.js";
import { LooseSchemas } from "./loose-schemas.js";
import { azureOperationId, isOperationId, makeOperationId, operationIdsOf } from "./operation-id.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import { type DocumentLimits, defaultDocumentLimits, parseDocument } from "./parse-document.js";
import {
  type ApiModel,
  anyMethods,
  DEFAULT_KEY_HEADER,
  type JsonSchema,
  type OperationModel,
  type RouteModel,
} from "./read-model.js";
import { isUnknownContract, joinedOperation } from "./route-operation.js";
import { refsOf } from "./schema-bundle.js";
import { ANY_BODY_NAME, anyBodySchema, type SpecVersion } from "./schema-components.js";
import { refTo, SchemaLibrary, sharedName } from "./schema-library.js";
import type { SchemaDialect, SchemaNoteCode } from "./schema-normalizer.js";
import { KEY_SCHEME, type SecurityModel, securityOf, securitySchemesOf } from "./security.js";
import { type Cursor, SourceDocument } from "./source-cursor.js";
import { fromSwagger2 } from "./swagger-2.js";
import { tagObject } from "./tags.js";
import { NO_SERVER_DESCRIPTION, SERVER_DESCRIPTION } from "./to-openapi.js";
import { type SizeFault, UncheckedSchemas } from "./unchecked-schemas.js";

export interface ImportMapping {
  /** By operation id of the document, or by `GET /path` as it stands there. */
  readonly operations?: { readonly [operation: string]: string };
  readonly tags?: { readonly [tag: string]: string };
  /** By the operation's summary, which is the integration's name in a document of ours. */
  readonly summaries?: { readonly [summary: string]: string };
  /** For all others. */
  readonly default?: string;
}

export interface ImportOptions {
  /** Says which integration serves an operation. Without it, none is named and none is missed. */
  readonly mapping?: ImportMapping;
  readonly limits?: Partial<DocumentLimits>;
  /** Routes an Api may have. Default: 1,000. */
  readonly routesMax?: number;
  /** Why requests cannot be held to a schema, or null. Such schemas are left out. Default: all can. */
  readonly schemaFault?: (schema: JsonSchema) => string | null;
  /** Why requests cannot be held to a schema with all that it refers to, or null. Such schemas are left out. Default: all can. */
  readonly sizeFault?: SizeFault;
  /** Items of the report beside errors. Default: 10,000. */
  readonly reportMax?: number;
}

/** A route that the document asks for. */
export interface ImportedRoute extends RouteModel {
  /** Of the (first) operation in the document. */
  readonly pointer: string;
  /** What a mapping of operations calls it: `GET /path` as it stands in the document. */
  readonly mappingKey: string;
  /** What the mapping says: the caller's name or id of an integration; null when it says nothing. */
  readonly integrationRef: string | null;
  readonly server: OperationServer;
}

export interface ImportResult {
  /** False when the report has an error: then nothing may be changed. */
  readonly ok: boolean;
  /** Null when it is neither. */
  readonly version: SpecVersion | null;
  /** In the order of the document. */
  readonly routes: readonly ImportedRoute[];
  /** The Api as the document describes it; null when it cannot be read at all. */
  readonly model: ApiModel | null;
  readonly report: readonly ReportItem[];
  /** Null when it cannot be read at all. */
  readonly source: ImportSource | null;
}

const TITLE_CHARS_MAX = 200;
const SUMMARY_CHARS_MAX = 10_000;

export function fromOpenApi(input: string | JsonObject, options: ImportOptions = {}): ImportResult {
  const report = new ImportReport(options.reportMax ?? 10_000);
  const parsed = parseDocument(input, { ...defaultDocumentLimits, ...options.limits });
  if (!parsed.ok) {
    const { code, message, place } = parsed.error;
    const item = {
      severity: "error",
      code,
      pointer: "",
      message,
      ...(place !== undefined && { place }),
    } as const;
    return { ok: false, version: null, routes: [], model: null, report: [item], source: null };
  }
  let document = parsed.value;
  if (typeof member(document, "swagger") === "string" && /^2\.0\b/.test(String(document.swagger))) {
    const converted = fromSwagger2(document);
    if (converted === null) {
      report.add(
        "error",
        "document.malformed",
        "",
        "The Swagger 2.0 document cannot be converted to OpenAPI 3.0.",
      );
      return { ok: false, version: null, routes: [], model: null, report: report.items(), source: null };
    }
    document = converted;
    report.add(
      "documentation",
      "document.converted",
      "",
      "Swagger 2.0 is converted to OpenAPI 3.0 first; pointers lead into the converted document.",
    );
  }
  const version = member(document, "openapi");
  const dialect = dialectOf(version);
  if (dialect === null) {
    const pointer =
      version !== undefined ? "/openapi" : member(document, "swagger") !== undefined ? "/swagger" : "";
    report.add(
      "error",
      "document.version_unsupported",
      pointer,
      "OpenAPI 3.0, 3.1 and 3.2 and Swagger 2.0 are read; this is none of them.",
    );
    return { ok: false, version: null, routes: [], model: null, report: report.items(), source: null };
  }
  return new Importer(new SourceDocument(document, report), dialect, options).run();
}

function dialectOf(version: unknown): SchemaDialect | null {
  if (typeof version !== "string") return null;
  if (/^3\.0\.\d+/.test(version)) return "openapi-3.0";
  return /^3\.[12]\.\d+/.test(version) ? "2020-12" : null;
}

const noteSeverities: { readonly [code in SchemaNoteCode]: readonly [ReportSeverity, ReportCode] } = {
  "schema.ref_remote": ["error", "ref.remote"],
  "schema.ref_unresolved": ["error", "ref.unresolved"],
  "schema.keyword_dropped": ["documentation", "schema.keyword_dropped"],
  "schema.keyword_ignored": ["documentation", "schema.keyword_ignored"],
  "schema.extension_dropped": ["documentation", "extension.dropped"],
  "schema.sibling_ignored": ["documentation", "schema.sibling_ignored"],
  "schema.nullable_ignored": ["behavior", "schema.nullable_ignored"],
  "schema.keyword_invalid": ["behavior", "schema.incomplete"],
  "schema.pattern_dropped": ["behavior", "schema.pattern_dropped"],
  "schema.renamed": ["documentation", "schema.renamed"],
  "schema.loosened": ["behavior", "schema.incomplete"],
  "schema.too_large": ["behavior", "schema.too_large"],
};

class Importer {
  readonly #source: SourceDocument;
  readonly #options: ImportOptions;
  readonly #dialect: SchemaDialect;
  readonly #library: SchemaLibrary;
  /** Places of the operations that routes were made of, as the document's paths have them. */
  readonly #places = new Map<ReadOperation, string>();

  constructor(source: SourceDocument, dialect: SchemaDialect, options: ImportOptions) {
    this.#source = source;
    this.#dialect = dialect;
    this.#options = options;
    this.#library = this.#makeLibrary();
  }

  #makeLibrary(): SchemaLibrary {
    const source = this.#source;
    const faults = new Map<string, string | null>();
    const patternFault = (pattern: string): string | null => {
      let fault = faults.get(pattern);
      if (fault === undefined) {
        fault = this.#options.schemaFault?.({ type: "string", pattern }) ?? null;
        faults.set(pattern, fault);
      }
      return fault;
    };
    return new SchemaLibrary(
      {
        document: source.root,
        dialect: this.#dialect,
        without: this.#takeOwnSchemas(),
        onRead: (tokens) => source.take(tokens),
        patternFault,
      },
      ({ code, pointer, message }) => {
        const [severity, reportCode] = noteSeverities[code];
        if (code === "schema.extension_dropped")
          source.report.addPlace(severity, reportCode, pointer, message);
        else source.report.add(severity, reportCode, pointer, message);
      },
    );
  }

  /** Names of schemas that every document of ours has, and that are no shared schemas of the Api. */
  #takeOwnSchemas(): ReadonlySet<string> {
    const schemas = this.#source.at(["components", "schemas"]);
    const own = new Set<string>();
    for (const name of schemas?.keys() ?? []) {
      const value = schemas?.peek(name);
      if (!equalJson(value, problemSchema) && !(name === ANY_BODY_NAME && equalJson(value, anyBodySchema)))
        continue;
      own.add(name);
      schemas?.child(name)?.take();
    }
    return own;
  }

  run(): ImportResult {
    const root = this.#source.cursor();
    root.child("openapi")?.take();
    const info = this.#info(root.child("info"));
    const serverUrl = this.#server(root);
    const security = this.#security(root);
    const { tags, ownTags } = this.#tags(root);
    const operations = this.#readPaths(root, info.title, ownTags);
    const found = this.#routes(operations);
    const loose = new LooseSchemas(this.#library.schemas(), this.#library.loosened, (at) =>
      this.#source.report.add(
        "behavior",
        "schema.pattern_dropped",
        at,
        "A part is left out because of a pattern that was left out: it would refuse more than it should.",
      ),
    );
    const pointers = this.#library.pointers();
    const loosened = new Map(
      [...this.#library.schemas()].map(([name, schema]) => [
        name,
        loose.schema(schema, pointers.get(name) ?? ""),
      ]),
    );
    const loosenedRoutes = found.map((route) => ({
      ...route,
      ...(route.operation === undefined
        ? {}
        : {
            operation: mapOperationSchemas(route.operation, (schema) => loose.schema(schema, route.pointer)),
          }),
    }));
    const schemas = withoutUnusedAnyBody(loosened, loosenedRoutes);
    const routes = this.#checkable(loosenedRoutes, schemas);
    const routesMax = this.#options.routesMax ?? 5000;
    if (routes.length > routesMax) {
      this.#source.report.add(
        "error",
        "routes.too_many",
        "/paths",
        `The document asks for ${routes.length} routes; an Api has at most ${routesMax}.`,
      );
    }
    this.#reportUnread();
    const model: ApiModel = {
      ...info,
      serverUrl,
      ...security,
      ...(Object.keys(schemas).length === 0 ? {} : { schemas }),
      ...(tags.length === 0 ? {} : { tags }),
      routes: routes.map(toModel),
    };
    const { report } = this.#source;
    const version = this.#dialect === "2020-12" ? "3.1" : "3.0";
    const source = importSourceOf(this.#source.root, new Set(this.#places.values()));
    return { ok: !report.hasErrors, version, routes, model, report: report.items(), source };
  }

  #checkable(
    routes: readonly ImportedRoute[],
    schemas: { readonly [name: string]: JsonSchema },
  ): readonly ImportedRoute[] {
    const { sizeFault } = this.#options;
    if (sizeFault === undefined) return routes;
    const unchecked = new UncheckedSchemas(schemas, sizeFault, this.#source.report);
    return routes.map((route) => {
      const { operation, pointer, method, path } = route;
      if (operation === undefined) return route;
      return { ...route, operation: unchecked.leaveOut(operation, pointer, `${method} ${path}`) };
    });
  }

  #info(info: Cursor | null): Pick<ApiModel, "title" | "summary" | "version" | "info"> {
    const more = readInfo(info);
    const title = this.#limited(info, "title", TITLE_CHARS_MAX);
    // 3.1 has a short summary beside the description; an Api has one text.
    const key = info?.peek("description") === undefined ? "summary" : "description";
    const summary = this.#limited(info, key, SUMMARY_CHARS_MAX);
    const given = info?.peek("version");
    const version = typeof given === "number" ? String(given) : given;
    // Part of the model, whether the caller has a place for it or not.
    if (typeof version === "string") info?.child("version")?.take();
    return {
      title,
      summary,
      version: typeof version === "string" ? version : "v1",
      ...(more === undefined ? {} : { info: more }),
    };
  }

  #limited(at: Cursor | null, key: string, charsMax: number): string {
    const text = at?.text(key) ?? "";
    if (text.length > charsMax) {
      const pointer = `${at?.pointer ?? ""}/${key}`;
      this.#source.report.add(
        "documentation",
        "text.truncated",
        pointer,
        `The text is cut to ${charsMax} characters.`,
      );
    }
    return truncate(text, charsMax);
  }

  #server(root: Cursor): string | null {
    const servers = root.peek("servers");
    const first = isArray(servers) && servers.length === 1 ? servers[0] : undefined;
    if (!isObject(first)) return null;
    const url = member(first, "url");
    const description = member(first, "description");
    if (url === "/" && description === NO_SERVER_DESCRIPTION) {
      root.child("servers")?.take();
    } else if (typeof url === "string" && description === SERVER_DESCRIPTION) {
      root.child("servers")?.take();
      return url;
    }
    return null;
  }

  #security(root: Cursor): SecurityModel {
    const components = root.child("components");
    // Each component for itself is used or not.
    for (const kind of components?.keys() ?? []) if (kind !== "securitySchemes") components?.child(kind);
    const schemes = components?.peek("securitySchemes");
    const key = isObject(schemes) ? member(schemes, KEY_SCHEME) : undefined;
    const name = isObject(key) ? member(key, "name") : undefined;
    if (typeof name !== "string") return { webhook: false };
    for (const webhook of [false, true]) {
      for (const bearerRequired of [false, true]) {
        const model: SecurityModel = {
          webhook,
          ...(bearerRequired ? { bearerRequired } : {}),
          ...(name === DEFAULT_KEY_HEADER ? {} : { keyHeaderName: name }),
        };
        const isOwn =
          equalJson(schemes, securitySchemesOf(model)) && equalJson(root.peek("security"), securityOf(model));
        if (!isOwn) continue;
        components?.child("securitySchemes")?.take();
        root.child("security")?.take();
        return model;
      }
    }
    return { webhook: false };
  }

  #readPaths(root: Cursor, title: string, ownTags: ReadonlySet<string>): readonly ReadOperation[] {
    const paths = root.child("paths");
    if (paths === null || !isObject(paths.value)) {
      this.#source.report.add("error", "document.no_paths", "", "The document has no paths.");
      return [];
    }
    const reader = new OperationReader(this.#library, title, ownTags);
    const operations: ReadOperation[] = [];
    const taken = new Map<string, string>();
    for (const template of paths.keys()) {
      if (template.startsWith("x-")) continue;
      const pathItem = paths.child(template)?.deref();
      if (pathItem === null || pathItem === undefined) continue;
      for (const method of anyMethods) {
        const operation = pathItem.child(method.toLowerCase())?.deref();
        if (operation === null || operation === undefined || !isObject(operation.value)) continue;
        const read = reader.read(template, pathItem, method, operation);
        if (read === null) continue;
        // Not its pointer, which may lead to what the path item refers to.
        this.#places.set(read, pointerOf(["paths", template, method.toLowerCase()]));
        const key = `${method} ${normalizedKey(read.pattern)}`;
        const other = taken.get(key);
        if (other !== undefined) {
          const message = `${method} ${read.pattern.text} is the same route as ${other}.`;
          this.#source.report.add("behavior", "route.duplicate", read.pointer, message);
          continue;
        }
        taken.set(key, read.pointer);
        operations.push(read);
      }
    }
    return operations;
  }

  /** Tag Objects, without those that a document of ours has for operations that have no tag. */
  #tags(root: Cursor): { readonly tags: readonly JsonObject[]; readonly ownTags: ReadonlySet<string> } {
    const list = root.child("tags");
    const ownTags = new Set<string>();
    const tags: JsonObject[] = [];
    for (const index of list?.keys() ?? []) {
      const tag = list?.child(index);
      const name = tag?.text("name");
      if (tag === null || tag === undefined || name === undefined) continue;
      const kept: { [key: string]: Json } = { name };
      for (const key of ["description", "externalDocs"]) {
        const value = tag.child(key)?.take();
        if (value !== undefined) kept[key] = cleanJson(value);
      }
      if (equalJson(kept, tagObject(name))) ownTags.add(name);
      else tags.push(kept);
    }
    return { tags, ownTags };
  }

  /** Operations as routes: those that one ANY route was spelled out to become that route again. */
  #routes(operations: readonly ReadOperation[]): readonly ImportedRoute[] {
    const groups: ReadOperation[][] = [];
    const anyGroups = new Map<string, ReadOperation[]>();
    for (const operation of operations) {
      const base = anyBase(operation);
      if (base === null) {
        groups.push([operation]);
        continue;
      }
      const key = JSON.stringify([normalizedKey(operation.pattern), base]);
      const group = anyGroups.get(key);
      if (group !== undefined && canJoin([...group, operation])) {
        group.push(operation);
      } else {
        const fresh = [operation];
        groups.push(fresh);
        if (group === undefined) anyGroups.set(key, fresh);
      }
    }
    // Ids that the document gives come first: a made-up one must not take a later operation's.
    const taken = new Set<string>();
    const ids = groups.map((group) => this.#keptId(group, taken));
    return groups.map((group, index) => this.#route(group, ids[index] ?? this.#madeId(group, taken)));
  }

  #keptId(group: readonly ReadOperation[], taken: Set<string>): string | null {
    const [first] = group as [ReadOperation];
    const id = anyBase(first) ?? first.givenId;
    if (!isOperationId(id)) return null;
    const ids = operationIdsOf(methodOf(group), id);
    if (ids.some((one) => taken.has(one))) return null;
    for (const one of ids) taken.add(one);
    return id;
  }

  #madeId(group: readonly ReadOperation[], taken: Set<string>): string {
    const [first] = group as [ReadOperation];
    const method = methodOf(group);
    const wanted = azureOperationId(first.givenId);
    const isFree = wanted !== "" && operationIdsOf(method, wanted).every((one) => !taken.has(one));
    const id = isFree ? wanted : makeOperationId(method, first.pattern.text, taken);
    for (const one of operationIdsOf(method, id)) taken.add(one);
    if (first.givenId !== "") {
      const message = `The operation id is ${id} here: it has letters, digits and ._~:/- and is unique.`;
      this.#source.report.add(
        "documentation",
        "operation_id.changed",
        `${first.pointer}/operationId`,
        message,
      );
    }
    return id;
  }

  #route(group: readonly ReadOperation[], operationId: string): ImportedRoute {
    const [first] = group as [ReadOperation];
    const method = methodOf(group);
    const operation = method === "ANY" ? (joinedOperation(group) ?? first.operation) : first.operation;
    const anySchema = { $ref: refTo(ANY_BODY_NAME) };
    const methods = group.map((one) => one.method);
    return {
      pointer: first.pointer,
      mappingKey: mappingKeyOf(first),
      integrationRef: this.#integrationRef(first),
      server: serverOf(this.#source.root, this.#places.get(first) ?? first.pointer),
      method,
      path: first.pattern.text,
      operationId,
      integration: { name: first.name },
      ...(isUnknownContract(operation, method, methods, anySchema) ? {} : { operation }),
    };
  }

  #integrationRef(operation: ReadOperation): string | null {
    const { mapping } = this.#options;
    if (mapping === undefined) return null;
    const ref =
      ownValue(mapping.operations, operation.givenId) ??
      ownValue(mapping.operations, anyBase(operation) ?? "") ??
      ownValue(mapping.operations, mappingKeyOf(operation)) ??
      operation.tags.map((tag) => ownValue(mapping.tags, tag)).find((one) => one !== undefined) ??
      ownValue(mapping.summaries, operation.name) ??
      mapping.default ??
      null;
    if (ref === null) {
      this.#source.report.add(
        "error",
        "mapping.missing",
        operation.pointer,
        "The mapping names no integration for this operation.",
      );
    }
    return ref;
  }

  #reportUnread(): void {
    const { report } = this.#source;
    for (const tokens of this.#source.unread()) {
      const { severity, code, message, isCommon } = reasonFor(tokens);
      if (isCommon === true) report.addPlace(severity, code, pointerOf(tokens), message);
      else report.add(severity, code, pointerOf(tokens), message);
    }
  }
}

function mappingKeyOf({ method, pointer }: ReadOperation): string {
  return `${method} ${pointerTokens(pointer)?.at(-2) ?? ""}`;
}

/** The stored id of the ANY route that an operation belongs to; null for an operation of its own. */
function anyBase({ any, givenId, method }: ReadOperation): string | null {
  const suffix = `-${method.toLowerCase()}`;
  return any && givenId.endsWith(suffix) && givenId.length > suffix.length
    ? givenId.slice(0, -suffix.length)
    : null;
}

function methodOf(group: readonly ReadOperation[]): RouteModel["method"] {
  const [first] = group as [ReadOperation];
  return anyBase(first) === null ? first.method : "ANY";
}

/** Whether all of these can be shown by one route for any method. */
function canJoin(group: readonly ReadOperation[]): boolean {
  const [first] = group as [ReadOperation];
  return (
    new Set(group.map(({ method }) => method)).size === group.length &&
    group.every(({ pattern, name }) => pattern.text === first.pattern.text && name === first.name) &&
    joinedOperation(group) !== null
  );
}

/** The schema for any content is a shared one only where something leads to it. */
function withoutUnusedAnyBody(
  schemas: ReadonlyMap<string, JsonSchema>,
  routes: readonly { readonly operation?: OperationModel }[],
): { readonly [name: string]: JsonSchema } {
  const kept = new Map(schemas);
  if (equalJson(kept.get(ANY_BODY_NAME) as Json | undefined, anyBodySchema)) {
    const roots: string[] = [...kept.keys()].filter((name) => name !== ANY_BODY_NAME);
    const namesIn = (schema: JsonSchema): readonly string[] =>
      refsOf(schema).flatMap((ref) => sharedName(ref) ?? []);
    for (const { operation } of routes) {
      if (operation === undefined) continue;
      mapOperationSchemas(operation, (schema) => {
        roots.push(...namesIn(schema));
        return schema;
      });
    }
    const reached = reachedNames(roots, (name) => namesIn(kept.get(name) ?? true));
    if (!reached.has(ANY_BODY_NAME)) kept.delete(ANY_BODY_NAME);
  }
  return Object.fromEntries(kept);
}

export function toModel({
  pointer: _pointer,
  mappingKey: _key,
  integrationRef: _ref,
  server: _server,
  ...route
}: ImportedRoute): RouteModel {
  return route;
}

function ownValue(map: { readonly [key: string]: string } | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
