/** The operations that have every word of a text in method, path, summary, id or tag. Pure. */
import type { OperationGroup } from "./list-operations.js";

export function filterOperations(groups: readonly OperationGroup[], text: string): readonly OperationGroup[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return groups;
  return groups.flatMap((group) => {
    const operations = group.operations.filter(({ method, path, operation }) => {
      const searched = [method, path, operation.summary, operation.operationId, group.tag]
        .join(" ")
        .toLowerCase();
      return words.every((word) => searched.includes(word));
    });
    return operations.length === 0 ? [] : [{ ...group, operations }];
  });
}

export function countOperations(groups: readonly OperationGroup[]): number {
  return groups.reduce((sum, group) => sum + group.operations.length, 0);
}
