/** The operations of a document, by tag, in the document's order. */
import type { OpenApiDocument, Operation, Parameter } from "./openapi-types.js";

const methodNames = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

export interface ListedOperation {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** Of the path and of the operation. */
  readonly parameters: readonly Parameter[];
}

export interface OperationGroup {
  readonly tag: string;
  readonly description: string | undefined;
  readonly operations: readonly ListedOperation[];
}

export function listOperations(document: OpenApiDocument): readonly OperationGroup[] {
  const groups = new Map<string, ListedOperation[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const shared = (item.parameters ?? []) as readonly Parameter[];
    for (const method of methodNames) {
      const operation = item[method] as Operation | undefined;
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? "Operations";
      const listed: ListedOperation = {
        key: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
        parameters: [...shared, ...(operation.parameters ?? [])],
      };
      const group = groups.get(tag);
      if (group === undefined) groups.set(tag, [listed]);
      else group.push(listed);
    }
  }
  const descriptions = new Map((document.tags ?? []).map((tag) => [tag.name, tag.description]));
  return [...groups].map(([tag, operations]) => ({ tag, operations, description: descriptions.get(tag) }));
}
