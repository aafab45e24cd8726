/** Operations whose path parameters the API's document names in another way than theirs. Changes nothing. */
import { normalizedKey } from "@latchkey/core";
import type { ReadOperation } from "./import-operation.js";
import type { ImportReport } from "./import-report.js";
import { pointerTokens } from "./json.js";
import { anyMethods } from "./read-model.js";

/**
 * OpenAPI takes paths that differ only in the names of parameters for one and the same (OpenAPI 3.1, Paths Object), so an
 * export has one path for them, with the names of its first operation.
 *
 * @param places of the operations, as the document's paths have them
 */
export function noteSharedPaths(
  operations: readonly ReadOperation[],
  places: ReadonlyMap<ReadOperation, string>,
  report: ImportReport,
): void {
  const templateOf = (operation: ReadOperation) => pointerTokens(places.get(operation) ?? "")?.[1];
  const byPath = new Map<string, ReadOperation[]>();
  for (const operation of operations) {
    // Only documents of ours have these.
    if (operation.pattern.segments.at(-1)?.kind === "rest") continue;
    const key = normalizedKey(operation.pattern);
    const others = byPath.get(key);
    if (others === undefined) byPath.set(key, [operation]);
    else others.push(operation);
  }
  for (const group of byPath.values()) {
    const first = group.reduce((one, other) => (rank(other) < rank(one) ? other : one));
    for (const operation of group) {
      // One path of the document already: of ours, which has the routes' own names beside it.
      if (operation.pattern.text === first.pattern.text || templateOf(operation) === templateOf(first))
        continue;
      report.add(
        "documentation",
        "parameter.renamed",
        operation.pointer,
        `Its path is ${first.pattern.text} in the API's document, as for ${first.method}: OpenAPI takes paths that differ only in the names of parameters for one.`,
      );
    }
  }
}

function rank({ method }: ReadOperation): number {
  return anyMethods.indexOf(method);
}
