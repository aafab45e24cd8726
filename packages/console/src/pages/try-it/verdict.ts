/** What a comparison of two keys came to, in a sentence. Pure. */
import type { Sent } from "./try-history.js";

/** Null: there is nothing to compare. */
export function verdictOf(sent: readonly Sent[]): string | null {
  const [first, second] = sent.map(({ outcome }) =>
    outcome.kind === "received" && !outcome.response.fromGateway
      ? outcome.response.matched?.integrationName
      : undefined,
  );
  if (sent.length < 2 || first === undefined || second === undefined) return null;
  return first === second
    ? `Both keys reached ${first}.`
    : `Same method, same path. The key alone decided: ${first} got one, ${second} the other.`;
}
