/**
 * The operations of a document as routes: which of them are one route, operation ids, and which integration the mapping
 * names. Checks no schemas.
 */
import { isDeepStrictEqual } from "node:util";
import { normalizedKey } from "@latchkey/core";
import type { ReadOperation } from "./import-operation.js";
import type { ImportReport } from "./import-report.js";
import type { ImportedRoute, ImportMapping } from "./import-result.js";
import { serverOf } from "./import-source.js";
import { type JsonObject, pointerTokens } from "./json.js";
import { azureOperationId, isOperationId, makeOperationId, operationIdsOf } from "./operation-id.js";
import type { RouteModel } from "./read-model.js";
import { isUnknownContract, joinedOperation } from "./route-operation.js";
import { ANY_BODY_NAME } from "./schema-components.js";
import { refTo } from "./schema-library.js";

export interface RouteMakerDeps {
  readonly root: JsonObject;
  readonly report: ImportReport;
  /** Without one, no integration is named and none is missed. */
  readonly mapping: ImportMapping | undefined;
  /** Places of the operations, as the document's paths have them. */
  readonly places: ReadonlyMap<ReadOperation, string>;
}

export class RouteMaker {
  readonly #root: JsonObject;
  readonly #report: ImportReport;
  readonly #mapping: ImportMapping | undefined;
  readonly #places: ReadonlyMap<ReadOperation, string>;

  constructor({ root, report, mapping, places }: RouteMakerDeps) {
    this.#root = root;
    this.#report = report;
    this.#mapping = mapping;
    this.#places = places;
  }

  /** Operations as routes: those that one ANY route was spelled out to become that route again. */
  routes(operations: readonly ReadOperation[]): readonly ImportedRoute[] {
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
      this.#report.add("documentation", "operation_id.changed", `${first.pointer}/operationId`, message);
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
      server: serverOf(this.#root, this.#places.get(first) ?? first.pointer),
      method,
      path: first.pattern.text,
      operationId,
      integration: {
        name: first.name,
        ...(group.some(({ webSockets }) => webSockets) && { webSockets: true }),
      },
      ...(isUnknownContract(operation, method, methods, anySchema) ? {} : { operation }),
      ...(first.limits !== null && { limits: first.limits }),
    };
  }

  #integrationRef(operation: ReadOperation): string | null {
    const mapping = this.#mapping;
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
      this.#report.add(
        "error",
        "mapping.missing",
        operation.pointer,
        "The mapping names no integration for this operation.",
      );
    }
    return ref;
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
    group.every(({ limits }) => isDeepStrictEqual(limits, first.limits)) &&
    joinedOperation(group) !== null
  );
}

function ownValue(map: { readonly [key: string]: string } | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
