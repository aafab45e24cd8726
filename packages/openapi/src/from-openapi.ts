/**
 * An OpenAPI document (3.0 or 3.1, JSON or YAML) as an Api: the routes that it asks for, and a report of
 * everything that an Api has no place for. Pure: it fetches nothing and changes nothing.
 */
import { normalizedKey } from "@latchkey/core";
import {
  type BodyPointers,
  OperationReader,
  type ReadOperation,
  type SchemaDialect,
} from "./import-operation.js";
import { reasonFor } from "./import-reasons.js";
import { ImportReport, type ReportItem } from "./import-report.js";
import { equalJson, isArray, isObject, type JsonObject, member, pointerOf, truncate } from "./json.js";
import { makeOperationId, normalizeOperationId, operationIdsOf } from "./operation-id.js";
import { type DocumentLimits, defaultDocumentLimits, parseDocument } from "./parse-document.js";
import {
  type ApiModel,
  anyMethods,
  DEFAULT_KEY_HEADER,
  type JsonSchema,
  type RouteModel,
} from "./read-model.js";
import type { SpecVersion } from "./schema-components.js";
import { KEY_SCHEME, securityOf, securitySchemesOf } from "./security.js";
import { type Cursor, SourceDocument } from "./source-cursor.js";
import { NO_SERVER_DESCRIPTION, SERVER_DESCRIPTION, tagObject, tagOf } from "./to-openapi.js";

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
  /** Items of the report beside errors. Default: 10,000. */
  readonly reportMax?: number;
}

/** A route that the document asks for. */
export interface ImportedRoute extends RouteModel {
  /** Of the (first) operation in the document. */
  readonly pointer: string;
  /** What the mapping says: the caller's name or id of an integration; null when it says nothing. */
  readonly integrationRef: string | null;
  /** Where the document describes the bodies; null where it does not. */
  readonly bodyPointers: BodyPointers;
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
}

const TITLE_CHARS_MAX = 200;
const SUMMARY_CHARS_MAX = 10_000;

export function fromOpenApi(input: string | JsonObject, options: ImportOptions = {}): ImportResult {
  const report = new ImportReport(options.reportMax ?? 10_000);
  const parsed = parseDocument(input, { ...defaultDocumentLimits, ...options.limits });
  if (!parsed.ok) {
    report.add("error", parsed.error.code, "", parsed.error.message);
    return { ok: false, version: null, routes: [], model: null, report: report.items() };
  }
  const document = parsed.value;
  const version = member(document, "openapi");
  const dialect = dialectOf(version);
  if (dialect === null) {
    const pointer =
      version !== undefined ? "/openapi" : member(document, "swagger") !== undefined ? "/swagger" : "";
    report.add(
      "error",
      "document.version_unsupported",
      pointer,
      "OpenAPI 3.0 and 3.1 are read; this is neither.",
    );
    return { ok: false, version: null, routes: [], model: null, report: report.items() };
  }
  return new Importer(new SourceDocument(document, report), dialect, options).run();
}

function dialectOf(version: unknown): SchemaDialect | null {
  if (typeof version !== "string") return null;
  if (/^3\.0\.\d+/.test(version)) return "openapi-3.0";
  return /^3\.1\.\d+/.test(version) ? "2020-12" : null;
}

class Importer {
  readonly #source: SourceDocument;
  readonly #options: ImportOptions;
  readonly #dialect: SchemaDialect;
  readonly #operations: OperationReader;

  constructor(source: SourceDocument, dialect: SchemaDialect, options: ImportOptions) {
    this.#source = source;
    this.#dialect = dialect;
    this.#options = options;
    this.#operations = new OperationReader(source, dialect, options.schemaFault ?? (() => null));
  }

  run(): ImportResult {
    const root = this.#source.cursor();
    root.child("openapi")?.take();
    const info = this.#info(root.child("info"));
    const serverUrl = this.#server(root);
    const security = this.#security(root);
    const operations = this.#readPaths(root, info.title);
    this.#takeOwnTags(root);
    const routes = this.#routes(operations);
    const routesMax = this.#options.routesMax ?? 1000;
    if (routes.length > routesMax) {
      this.#source.report.add(
        "error",
        "routes.too_many",
        "/paths",
        `The document asks for ${routes.length} routes; an Api has at most ${routesMax}.`,
      );
    }
    this.#reportUnread();
    const model: ApiModel = { ...info, serverUrl, ...security, routes: routes.map(toModel) };
    const { report } = this.#source;
    const version = this.#dialect === "2020-12" ? "3.1" : "3.0";
    return { ok: !report.hasErrors, version, routes, model, report: report.items() };
  }

  #info(info: Cursor | null): Pick<ApiModel, "title" | "summary" | "version"> {
    const title = this.#limited(info, "title", TITLE_CHARS_MAX);
    // 3.1 has a short summary beside the description; an Api has one text.
    const key = info?.peek("description") === undefined ? "summary" : "description";
    const summary = this.#limited(info, key, SUMMARY_CHARS_MAX);
    const given = info?.peek("version");
    const version = typeof given === "number" ? String(given) : given;
    // Part of the model, whether the caller has a place for it or not.
    if (typeof version === "string") info?.child("version")?.take();
    return { title, summary, version: typeof version === "string" ? version : "v1" };
  }

  #limited(at: Cursor | null, key: string, charsMax: number): string {
    const text = at?.text(key) ?? "";
    if (text.length > charsMax) {
      const pointer = `${at?.pointer ?? ""}/${key}`;
      this.#source.report.add(
        "changed",
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

  #security(root: Cursor): Pick<ApiModel, "keyHeaderName" | "webhook"> {
    const components = root.child("components");
    // Each component for itself is used or not.
    for (const kind of components?.keys() ?? []) if (kind !== "securitySchemes") components?.child(kind);
    const schemes = components?.peek("securitySchemes");
    const key = isObject(schemes) ? member(schemes, KEY_SCHEME) : undefined;
    const name = isObject(key) ? member(key, "name") : undefined;
    if (typeof name === "string") {
      for (const webhook of [false, true]) {
        const isOwn =
          equalJson(schemes, securitySchemesOf(name, webhook)) &&
          equalJson(root.peek("security"), securityOf(webhook));
        if (!isOwn) continue;
        components?.child("securitySchemes")?.take();
        root.child("security")?.take();
        return { webhook, ...(name === DEFAULT_KEY_HEADER ? {} : { keyHeaderName: name }) };
      }
    }
    return { webhook: false };
  }

  #readPaths(root: Cursor, title: string): readonly ReadOperation[] {
    const paths = root.child("paths");
    if (paths === null || !isObject(paths.value)) {
      this.#source.report.add("error", "document.no_paths", "", "The document has no paths.");
      return [];
    }
    const operations: ReadOperation[] = [];
    const taken = new Map<string, string>();
    for (const template of paths.keys()) {
      if (template.startsWith("x-")) continue;
      const pathItem = paths.child(template)?.deref();
      if (pathItem === null || pathItem === undefined) continue;
      for (const method of anyMethods) {
        const operation = pathItem.child(method.toLowerCase());
        if (operation === null || !isObject(operation.value)) continue;
        const read = this.#operations.read(template, pathItem, method, operation);
        if (read === null) continue;
        this.#takeTags(operation, tagOf(template, title));
        const key = `${method} ${normalizedKey(read.pattern)}`;
        const other = taken.get(key);
        if (other !== undefined) {
          const message = `${method} ${read.pattern.text} is the same route as ${other}.`;
          this.#source.report.add("lost", "route.duplicate", read.pointer, message);
          continue;
        }
        taken.set(key, read.pointer);
        operations.push(read);
      }
    }
    return operations;
  }

  #takeTags(operation: Cursor, ours: string): void {
    const { mapping } = this.#options;
    const tags = operation.peek("tags");
    if (!isArray(tags)) return;
    const used = tags.every(
      (tag) => typeof tag === "string" && (tag === ours || ownValue(mapping?.tags, tag) !== undefined),
    );
    if (used) operation.child("tags")?.take();
  }

  #takeOwnTags(root: Cursor): void {
    const tags = root.child("tags");
    for (const index of tags?.keys() ?? []) {
      const tag = tags?.peek(index);
      const name = isObject(tag) ? member(tag, "name") : undefined;
      if (typeof name === "string" && equalJson(tag, tagObject(name))) tags?.child(index)?.take();
    }
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
      if (group?.every((other) => canJoin(other, operation))) {
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
    if (id === "" || id !== normalizeOperationId(id)) return null;
    const ids = operationIdsOf(methodOf(group), id);
    if (ids.some((one) => taken.has(one))) return null;
    for (const one of ids) taken.add(one);
    return id;
  }

  #madeId(group: readonly ReadOperation[], taken: Set<string>): string {
    const [first] = group as [ReadOperation];
    const method = methodOf(group);
    const wanted = normalizeOperationId(first.givenId.replace(/([a-z0-9])([A-Z])/g, "$1-$2"));
    const isFree = wanted !== "" && operationIdsOf(method, wanted).every((one) => !taken.has(one));
    const id = isFree ? wanted : makeOperationId(method, first.pattern.text, taken);
    for (const one of operationIdsOf(method, id)) taken.add(one);
    if (first.givenId !== "") {
      const message = `The operation id is ${id} here (lower case, digits and dashes, unique).`;
      this.#source.report.add("changed", "operation_id.changed", `${first.pointer}/operationId`, message);
    }
    return id;
  }

  #route(group: readonly ReadOperation[], operationId: string): ImportedRoute {
    const [first] = group as [ReadOperation];
    const integration = Object.assign(
      {},
      ...group.map((operation) => operation.integration),
    ) as RouteModel["integration"];
    const examples = Object.assign(
      {},
      ...group.map((operation) => operation.integration.examples ?? {}),
    ) as NonNullable<RouteModel["integration"]["examples"]>;
    return {
      pointer: first.pointer,
      integrationRef: this.#integrationRef(first),
      bodyPointers: {
        request: group.find(({ bodies }) => bodies.request !== null)?.bodies.request ?? null,
        response: group.find(({ bodies }) => bodies.response !== null)?.bodies.response ?? null,
      },
      method: methodOf(group),
      path: first.pattern.text,
      operationId,
      integration: { ...integration, ...(Object.keys(examples).length === 0 ? {} : { examples }) },
      ...(first.validate ? { validate: true } : {}),
      ...(first.parameters === undefined ? {} : { parameters: first.parameters }),
    };
  }

  #integrationRef(operation: ReadOperation): string | null {
    const { mapping } = this.#options;
    if (mapping === undefined) return null;
    const tokens = operation.pointer.split("/");
    const path = (tokens.at(-2) ?? "").replace(/~1/g, "/").replace(/~0/g, "~");
    const ref =
      ownValue(mapping.operations, operation.givenId) ??
      ownValue(mapping.operations, anyBase(operation) ?? "") ??
      ownValue(mapping.operations, `${operation.method} ${path}`) ??
      operation.tags.map((tag) => ownValue(mapping.tags, tag)).find((one) => one !== undefined) ??
      ownValue(mapping.summaries, operation.integration.name) ??
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
    for (const tokens of this.#source.unread()) {
      this.#source.report.add("lost", "no_counterpart", pointerOf(tokens), reasonFor(tokens));
    }
  }
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

/** Whether two operations can be of one route: nothing that both say differs. */
function canJoin(a: ReadOperation, b: ReadOperation): boolean {
  const agree = (x: JsonObject, y: JsonObject): boolean =>
    Object.keys(x).every((key) => member(y, key) === undefined || equalJson(member(x, key), member(y, key)));
  const json = (value: unknown): JsonObject => value as JsonObject;
  const { examples: examplesA, ...restA } = a.integration;
  const { examples: examplesB, ...restB } = b.integration;
  return (
    a.method !== b.method &&
    a.pattern.text === b.pattern.text &&
    a.validate === b.validate &&
    equalJson(json(a.parameters ?? {}), json(b.parameters ?? {})) &&
    agree(json(restA), json(restB)) &&
    agree(json(examplesA ?? {}), json(examplesB ?? {}))
  );
}

function toModel({
  pointer: _pointer,
  integrationRef: _ref,
  bodyPointers: _bodies,
  ...route
}: ImportedRoute): RouteModel {
  return route;
}

function ownValue(map: { readonly [key: string]: string } | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
