/** What a comparison of responses came to. */
import type { ResponseComparison } from "./compare-responses.js";
import { responseDecisions } from "./response-decisions.js";
import type { Summary } from "./summary.js";

export function responseSummaryOf(comparisons: readonly ResponseComparison[]): Summary {
  const explained = new Map<string, number>();
  const unexplained: string[] = [];
  const disagreements = comparisons.filter((one) => (one.ours === null) !== (one.theirs === null));
  for (const one of disagreements) {
    const decision = responseDecisions.find(({ explains }) => explains(one));
    if (decision === undefined) unexplained.push(textOf(one));
    else explained.set(decision.name, (explained.get(decision.name) ?? 0) + 1);
  }
  const valid = comparisons.filter(({ response }) => response.mutation === null);
  const mutated = comparisons.filter(({ response }) => response.mutation !== null);
  return {
    valid: valid.length,
    validTaken: valid.filter(({ ours }) => ours === null).length,
    mutated: mutated.length,
    mutatedRefused: mutated.filter(({ ours }) => ours !== null).length,
    disagreements: disagreements.length,
    explained,
    unexplained,
  };
}

function textOf({ document, operation, response, ours, theirs }: ResponseComparison): string {
  return [
    `${document}: ${operation.method} ${operation.path} (${response.mutation ?? "valid"})`,
    `  ${response.status} ${response.contentType} ${response.body.slice(0, 600)}`,
    `  node: ${ours?.slice(0, 400) ?? "taken"}`,
    `  other: ${theirs?.slice(0, 400) ?? "taken"}`,
  ].join("\n");
}
