/**
 * Reads documents in a thread of its own, with an end to its time and memory: a parser takes seconds for half a
 * megabyte of YAML, and nobody else is to wait for it. Refuses, like the reader itself, by a report with an error.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { ImportMapping, ImportOptions, ImportResult } from "./from-openapi.js";
import type { ReportCode } from "./import-report.js";
import { defaultDocumentLimits } from "./parse-document.js";

export interface ThreadLimits {
  /** From the start of the thread. Default: 20,000. */
  readonly timeMsMax: number;
  /** Of the thread's heap. Default: 384. */
  readonly heapMibMax: number;
  /** Threads at a time; the others wait. Default: 2. */
  readonly threadsMax: number;
  /** Documents that wait; more are refused. Default: 16. */
  readonly waitingMax: number;
}

export const defaultThreadLimits: ThreadLimits = {
  timeMsMax: 20_000,
  heapMibMax: 384,
  threadsMax: 2,
  waitingMax: 16,
};

export interface ThreadTask {
  readonly text: string;
  readonly options: Omit<ImportOptions, "schemaFault">;
}

/** By the package's name, so that it is the built file from wherever this one runs. */
const entry = createRequire(import.meta.url).resolve("@latchkey/openapi/import-worker");

export class ImportThreads {
  readonly #limits: ThreadLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: Partial<ThreadLimits> = {}) {
    this.#limits = { ...defaultThreadLimits, ...limits };
  }

  /** As `fromOpenApi`, with schemas that requests can be held to. Never throws for what is in a document. */
  async read(text: string, mapping: ImportMapping, routesMax: number): Promise<ImportResult> {
    const bytes = Buffer.byteLength(text, "utf8");
    const { bytesMax } = defaultDocumentLimits;
    // Not worth a thread, nor a copy of the text.
    if (bytes > bytesMax)
      return refusal("document.too_large", `The document has ${bytes} bytes; at most ${bytesMax} are read.`);
    if (this.#running >= this.#limits.threadsMax) {
      if (this.#waiting.length >= this.#limits.waitingMax)
        return refusal("document.too_slow", "Too many documents are being read; try again.");
      // Whoever ends passes its place on, so that the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await this.#run({ text, options: { mapping, routesMax } });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #run(task: ThreadTask): Promise<ImportResult> {
    const { timeMsMax, heapMibMax } = this.#limits;
    const worker = new Worker(entry, {
      workerData: task,
      // What the process was started with (loaders, inspectors) is not the thread's.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMibMax },
    });
    let timer: NodeJS.Timeout | undefined;
    return new Promise<ImportResult>((resolve, reject) => {
      const seconds = timeMsMax / 1000;
      const slow = `The document could not be read in ${seconds} seconds: split it, or send it as JSON.`;
      timer = setTimeout(() => resolve(refusal("document.too_slow", slow)), timeMsMax);
      worker.once("message", resolve);
      worker.once("error", (error: Error & { readonly code?: string }) => {
        if (error.code === "ERR_WORKER_OUT_OF_MEMORY")
          resolve(refusal("document.too_large", "Reading the document takes too much memory."));
        else reject(error);
      });
      worker.once("exit", () =>
        reject(new Error("the thread that reads a document ended without an answer")),
      );
    }).finally(() => {
      clearTimeout(timer);
      return worker.terminate();
    });
  }
}

function refusal(code: ReportCode, message: string): ImportResult {
  return {
    ok: false,
    version: null,
    routes: [],
    model: null,
    report: [{ severity: "error", code, pointer: "", message }],
  };
}
