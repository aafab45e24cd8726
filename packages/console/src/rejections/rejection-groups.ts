/** What nodes say of a resource that they cannot use: those with the same reason together. Pure. */
import type { RejectionFieldsFragment } from "../gen/rejections.js";

export interface RejectionGroup {
  readonly reason: string;
  readonly nodes: readonly RejectionFieldsFragment["node"][];
  /** When the first of them began. */
  readonly since: string;
}

/** The reason of most nodes first. */
export function rejectionGroups(rejections: readonly RejectionFieldsFragment[]): readonly RejectionGroup[] {
  const groups = new Map<string, RejectionGroup>();
  for (const { reason, since, node } of rejections) {
    const group = groups.get(reason);
    groups.set(reason, {
      reason,
      nodes: [...(group?.nodes ?? []), node],
      since: group !== undefined && group.since < since ? group.since : since,
    });
  }
  return [...groups.values()].toSorted((a, b) => b.nodes.length - a.nodes.length);
}
