/**
 * Requests for other people's documents, decided by a node and by an independent validator. Every disagreement is decided
 * by the specification in decisions.ts. Some requests here; `npm run faults` sends 600 valid and 600 mutated ones a document.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compareAll } from "./compare.js";
import { decisions } from "./decisions.js";
import { readDocument, smallDocuments } from "./documents.js";
import { summaryOf } from "./summary.js";

/** Valid requests a document, and as many mutated ones. */
const COUNT = 15;

it("decides requests as the specification does, wherever an independent validator decides otherwise", {
  timeout: 600_000,
}, async () => {
  const seed = fc.readConfigureGlobal().seed ?? 0;
  const documents = smallDocuments.map((name) => ({ name, document: readDocument(name) }));
  const summary = summaryOf(await compareAll(documents, COUNT, seed));
  expect(summary.unexplained).toEqual([]);
  // The generator knows what fits: else agreement would say little.
  expect(summary.validTaken).toBeGreaterThan(0.9 * summary.valid);
  expect(summary.mutatedRefused).toBeGreaterThan(0.3 * summary.mutated);
  expect(decisions.every(({ reason }) => reason !== "")).toBe(true);
});
