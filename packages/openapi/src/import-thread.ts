/**
 * Reads documents in threads: a parser takes seconds for half a megabyte of YAML, and nobody else is to wait for it. Refuses,
 * like the reader itself, by a report with an error.
 */
import { createRequire } from "node:module";
import type { DocumentThreads } from "./document-threads.js";
import { type ImportCopy, unpackImport } from "./import-copy.js";
import type { ReportCode } from "./import-report.js";
import { type ImportMapping, type ImportOptions, type ImportResult, refusedImport } from "./import-result.js";
import { defaultDocumentLimits } from "./parse-document.js";

export interface ImportTask {
  readonly text: string;
  readonly options: Omit<ImportOptions, "schemaFault" | "sizeFault">;
}

/** Of `imports` in package.json, so that it is the built file from wherever this one runs. */
const entry = createRequire(import.meta.url).resolve("#import-worker");

export class ImportThreads {
  readonly #threads: DocumentThreads;

  constructor(threads: DocumentThreads) {
    this.#threads = threads;
  }

  /**
   * As `fromOpenApi`, with schemas that requests can be held to. Never throws for what is in a document.
   *
   * @param owner of the import: a subscription, so that one tenant's documents hold up no other's
   */
  async read(text: string, mapping: ImportMapping, routesMax: number, owner: string): Promise<ImportResult> {
    const { bytesMax } = defaultDocumentLimits;
    // Not worth a thread, nor a copy of the text. Each character has a byte at least; the thread counts the bytes.
    if (text.length > bytesMax)
      return refusal(
        "document.too_large",
        `The document has ${text.length} characters; at most ${bytesMax} bytes are read.`,
      );
    const task: ImportTask = { text, options: { mapping, routesMax } };
    const way = /^\s*\{/.test(text) ? "split it" : "split it, or send it as JSON";
    const outcome = await this.#threads.run<ImportCopy>(entry, task, owner);
    switch (outcome.kind) {
      case "done":
        return unpackImport(outcome.value);
      case "busy":
        return refusal("document.too_slow", "Too many documents are being read and written; try again.");
      case "slow":
        return refusal(
          "document.too_slow",
          `The document takes more than ${this.#threads.limits.cpuMsMax / 1000} seconds of CPU time: ${way}.`,
        );
      case "out_of_memory":
        return refusal("document.too_large", `Reading the document takes too much memory: ${way}.`);
    }
  }
}

function refusal(code: ReportCode, message: string): ImportResult {
  return refusedImport([{ severity: "error", code, pointer: "", message }]);
}
