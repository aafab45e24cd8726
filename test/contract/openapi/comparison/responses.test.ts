/**
 * Responses to operations of other people's documents, checked as a node does and by an independent validator. Every
 * disagreement is decided by the specification in response-decisions.ts. `npm run faults` makes more of them.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compareResponses } from "./compare-responses.js";
import { readDocument, smallDocuments } from "./documents.js";
import { responseDecisions } from "./response-decisions.js";
import { responseSummaryOf } from "./response-summary.js";

/** Responses a document that fit, and as many mutated ones. */
const COUNT = 15;

it("checks responses as the specification does, wherever an independent validator decides otherwise", {
  timeout: 600_000,
}, async () => {
  const seed = fc.readConfigureGlobal().seed ?? 0;
  const documents = smallDocuments.map((name) => ({
    name,
    document: readDocument(name, { withResponses: true }),
  }));
  const all = await compareResponses(documents, COUNT, seed);
  const summary = responseSummaryOf(all);
  expect(summary.unexplained).toEqual([]);
  // The generator knows what fits: else agreement would say little.
  expect(summary.validTaken).toBeGreaterThan(0.9 * summary.valid);
  expect(summary.mutatedRefused).toBeGreaterThan(0.3 * summary.mutated);
  expect(responseDecisions.every(({ reason }) => reason !== "")).toBe(true);
});
