/** Requests for other people's OpenAPI documents, decided by a node and by an independent validator: many of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { compareAll } from "../contract/openapi/comparison/compare.js";
import { compareResponses } from "../contract/openapi/comparison/compare-responses.js";
import {
  largeDocuments,
  readDocument,
  respondingDocuments,
  smallDocuments,
} from "../contract/openapi/comparison/documents.js";
import { checkedByPrism } from "../contract/openapi/comparison/prism.js";
import { responseSummaryOf } from "../contract/openapi/comparison/response-summary.js";
import { summaryOf } from "../contract/openapi/comparison/summary.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";

const perDocument = rounds(30, 600, 3_000);
const documents = [...smallDocuments, ...largeDocuments];

fault(
  {
    row: "69",
    fault: `${perDocument} valid and ${perDocument} mutated requests for each of ${documents.length} OpenAPI documents`,
    holds: "a node and an independent validator decide alike, or the specification says why not",
    target: "0 disagreements unexplained",
  },
  async () => {
    const read = documents.map((name) => ({ name, document: readDocument(name) }));
    const summary = summaryOf(await compareAll(read, perDocument, seed));
    const reasons = [...summary.explained].map(([name, count]) => `${count} × ${name}`).join(", ");
    expect(summary.unexplained).toEqual([]);
    return (
      `${summary.valid + summary.mutated} requests, ${summary.validTaken} of ${summary.valid} valid ones taken and ` +
      `${summary.mutatedRefused} of ${summary.mutated} mutated ones refused; ${summary.disagreements} disagreements, ` +
      `none unexplained: ${reasons}; seed ${seed}`
    );
  },
  { isLong: true, timeoutMs: 1_800_000 },
);

fault(
  {
    row: "69",
    fault: `${perDocument} responses that fit and ${perDocument} mutated ones for each of ${respondingDocuments.length} OpenAPI documents`,
    holds:
      "the check of responses and an independent validator decide alike, or the specification says why not",
    target: "0 disagreements unexplained",
  },
  async () => {
    const read = respondingDocuments.map((name) => ({
      name,
      document: readDocument(name, { withResponses: true }),
    }));
    const summary = responseSummaryOf(await compareResponses(read, perDocument, seed));
    const reasons = [...summary.explained].map(([name, count]) => `${count} × ${name}`).join(", ");
    expect(summary.unexplained).toEqual([]);
    return (
      `${summary.valid + summary.mutated} responses, ${summary.validTaken} of ${summary.valid} that fit taken and ` +
      `${summary.mutatedRefused} of ${summary.mutated} mutated ones refused; ${summary.disagreements} disagreements, ` +
      `none unexplained: ${reasons}; seed ${seed}`
    );
  },
  { isLong: true, timeoutMs: 1_800_000 },
);

/** Without gen/fastapi-pydantic-1.json: Prism ends where a header whose type is array is absent. */
const provedByPrism = [
  "gen/fastapi-pydantic-2.json",
  "@readme/oas-examples/3.0/json/petstore.json",
  "@readme/oas-examples/3.1/yaml/train-travel.yaml",
  "@readme/oas-examples/3.0/yaml/uspto.yaml",
] as const;
const perProxy = rounds(30, 150, 600);

fault(
  {
    row: "70",
    fault: `Prism before a node, ${perProxy} valid and ${perProxy} mutated requests for each of ${provedByPrism.length} APIs`,
    holds: "each response is one that the API's document describes, and requests that fit are taken",
    target: "0 violations",
  },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-prism-"));
    try {
      let requests = 0;
      let ofGateway = 0;
      for (const name of provedByPrism) {
        const result = await checkedByPrism(readDocument(name), perProxy, seed, dir);
        expect(result.violations).toEqual([]);
        requests += result.requests;
        for (const count of result.ofGateway.values()) ofGateway += count;
      }
      return `${requests} requests, ${ofGateway} responses of the gateway itself, 0 violations; seed ${seed}`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  { isLong: true, timeoutMs: 1_800_000 },
);
