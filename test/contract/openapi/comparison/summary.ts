/** What a comparison came to. */
import type { Comparison } from "./compare.js";
import { decisions } from "./decisions.js";

export interface Summary {
  readonly valid: number;
  readonly validTaken: number;
  readonly mutated: number;
  readonly mutatedRefused: number;
  readonly disagreements: number;
  /** By the name of the decision. */
  readonly explained: ReadonlyMap<string, number>;
  readonly unexplained: readonly string[];
}

export function summaryOf(comparisons: readonly Comparison[]): Summary {
  const explained = new Map<string, number>();
  const unexplained: string[] = [];
  const disagreements = comparisons.filter(({ ours, theirs }) => ours.isTaken !== theirs.isTaken);
  for (const one of disagreements) {
    const decision = decisions.find(({ explains }) => explains(one));
    if (decision === undefined) unexplained.push(textOf(one));
    else explained.set(decision.name, (explained.get(decision.name) ?? 0) + 1);
  }
  const valid = comparisons.filter(({ request }) => request.mutation === null);
  const mutated = comparisons.filter(({ request }) => request.mutation !== null);
  return {
    valid: valid.length,
    validTaken: valid.filter(({ ours }) => ours.isTaken).length,
    mutated: mutated.length,
    mutatedRefused: mutated.filter(({ ours }) => !ours.isTaken).length,
    disagreements: disagreements.length,
    explained,
    unexplained,
  };
}

function textOf({ document, request, ours, theirs, operation }: Comparison): string {
  return [
    `${document}: ${request.method} ${operation.path} (${request.mutation ?? "valid"})`,
    `  ${request.target} ${JSON.stringify(request.headers)} ${request.body?.slice(0, 600) ?? ""}`,
    `  node: ${ours.status} ${ours.reason.slice(0, 400)}`,
    `  other: ${theirs.status} ${theirs.reason.slice(0, 400)}`,
  ].join("\n");
}
