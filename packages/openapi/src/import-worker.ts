/** The thread's side of `import-thread.ts`: reads one document, answers once, ends. Nobody imports it. */
import { parentPort, workerData } from "node:worker_threads";
import { schemaFault } from "@latchkey/validation";
import { fromOpenApi } from "./from-openapi.js";
import type { ThreadTask } from "./import-thread.js";

const { text, options } = workerData as ThreadTask;
const result = fromOpenApi(text, { ...options, schemaFault });
parentPort?.postMessage(result);
