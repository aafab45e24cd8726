/** Reads one document from end to end: its head, its schemas, its operations, and what of it nothing has a place for. */
import { normalizedKey } from "@latchkey/core";
import { withoutUnusedAnyBody } from "./any-body.js";
import { problemSchema } from "./gateway-response.js";
import { readHead, readSecurity, readServer, readTags } from "./import-head.js";
import { OperationReader, type ReadOperation } from "./import-operation.js";
import { reasonFor } from "./import-reasons.js";
import type { ReportCode, ReportSeverity } from "./import-report.js";
import {
  type ImportedRoute,
  type ImportOptions,
  type ImportResult,
  refusedImport,
  toModel,
} from "./import-result.js";
import { importSourceOf } from "./import-source.js";
import { equalJson, isObject, type JsonObject, member, pointerOf } from "./json.js";
import { LooseSchemas } from "./loose-schemas.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import { type ApiModel, anyMethods, type JsonSchema } from "./read-model.js";
import { RouteMaker } from "./route-maker.js";
import { ANY_BODY_NAME, anyBodySchema } from "./schema-components.js";
import { SchemaLibrary } from "./schema-library.js";
import type { SchemaDialect } from "./schema-normalizer.js";
import type { SchemaNoteCode } from "./schema-note.js";
import { noteSharedPaths } from "./shared-paths.js";
import type { Cursor, SourceDocument } from "./source-cursor.js";
import { UncheckedSchemas } from "./unchecked-schemas.js";

const noteSeverities: { readonly [code in SchemaNoteCode]: readonly [ReportSeverity, ReportCode] } = {
  "schema.ref_remote": ["error", "ref.remote"],
  "schema.ref_unresolved": ["error", "ref.unresolved"],
  "schema.keyword_dropped": ["documentation", "schema.keyword_dropped"],
  "schema.keyword_ignored": ["documentation", "schema.keyword_ignored"],
  "schema.extension_dropped": ["documentation", "extension.dropped"],
  "schema.sibling_ignored": ["documentation", "schema.sibling_ignored"],
  "schema.unsatisfiable": ["behavior", "schema.unsatisfiable"],
  "schema.nullable_ignored": ["behavior", "schema.nullable_ignored"],
  "schema.discriminator_ignored": ["behavior", "schema.discriminator_ignored"],
  "schema.keyword_invalid": ["behavior", "schema.incomplete"],
  "schema.pattern_dropped": ["behavior", "schema.pattern_dropped"],
  "schema.pattern_respelled": ["documentation", "schema.pattern_respelled"],
  "schema.renamed": ["documentation", "schema.renamed"],
  "schema.loosened": ["behavior", "schema.incomplete"],
  "schema.too_large": ["behavior", "schema.too_large"],
};

export class Importer {
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
    const info = readHead(root.child("info"), this.#source.report);
    const serverUrl = readServer(root);
    const security = readSecurity(root);
    const { tags, ownTags } = readTags(root);
    const operations = this.#readPaths(root, info.title, ownTags);
    if (operations === null) return refusedImport(this.#source.report.items());
    noteSharedPaths(operations, this.#places, this.#source.report);
    const found = new RouteMaker({
      root: this.#source.root,
      report: this.#source.report,
      mapping: this.#options.mapping,
      places: this.#places,
    }).routes(operations);
    const loose = new LooseSchemas(this.#library.schemas(), this.#library.loosened, (at) =>
      this.#source.report.add(
        "behavior",
        "schema.pattern_dropped",
        at,
        "A part is left out because of something in it that was left out: it would refuse more than it should.",
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
    this.#reportUnread();
    if (operations.length === 0 && !this.#source.report.hasErrors) this.#reportNoRoutes();
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

  /** @returns null: they are more than an Api has routes, and were not all read */
  #readPaths(root: Cursor, title: string, ownTags: ReadonlySet<string>): readonly ReadOperation[] | null {
    const routesMax = this.#options.routesMax ?? 5000;
    const paths = root.child("paths");
    if (paths === null || !isObject(paths.value)) return [];
    const reader = new OperationReader(this.#library, title, ownTags);
    const operations: ReadOperation[] = [];
    const taken = new Map<string, string>();
    for (const template of paths.keys()) {
      if (template.startsWith("x-")) continue;
      const pathItem = paths.child(template)?.deref();
      if (pathItem === null || pathItem === undefined) continue;
      this.#reportOtherMethods(pathItem);
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
        if (operations.length <= routesMax) continue;
        const message = `The document has ${countOperations(paths.value)} operations; at most ${routesMax} are imported as routes.`;
        this.#source.report.add("error", "routes.too_many", "/paths", message);
        return null;
      }
    }
    return operations;
  }

  #reportOtherMethods(pathItem: Cursor): void {
    for (const [method, message] of Object.entries(otherMethods)) {
      if (!isObject(pathItem.peek(method))) continue;
      const operation = pathItem.child(method);
      operation?.take();
      this.#source.report.add("behavior", "method.unsupported", operation?.pointer ?? "", message);
    }
  }

  /** Of a document that would change nothing, or make an Api without routes. */
  #reportNoRoutes(): void {
    const { report, root } = this.#source;
    const reasons = report.items().filter(({ code }) => noRouteCodes.has(code));
    const [first] = reasons;
    if (first === undefined) {
      const message = `The document has no operations: \`paths\` needs at least one, such as {"/orders": {"get": {…}}}.`;
      report.add("error", "document.no_paths", member(root, "paths") === undefined ? "" : "/paths", message);
      return;
    }
    const others = reasons.length === 1 ? "" : ` The notes name all ${reasons.length} reasons.`;
    const message = `No operation of the document can be a route. ${first.pointer}: ${first.message}${others}`;
    report.add("error", "document.no_routes", "/paths", message);
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

/** Of a path item, beside those that routes have. */
const otherMethods = {
  trace: "TRACE cannot be routed: it is a loop-back test that reflects credentials.",
  query: "QUERY cannot be routed.",
};

/** Why an operation is no route. */
const noRouteCodes: ReadonlySet<string> = new Set(["path.unsupported", "method.unsupported"]);

/** Those that stand in the path items themselves. */
function countOperations(paths: JsonObject): number {
  const countOf = (item: unknown) =>
    isObject(item) ? anyMethods.filter((method) => isObject(member(item, method.toLowerCase()))).length : 0;
  return Object.values(paths).reduce((sum: number, item) => sum + countOf(item), 0);
}
