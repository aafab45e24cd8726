/** The thread's side of `import-thread.ts`: reads one document. Nobody imports it. */
import { schemaFault, schemaSizeFault } from "@latchkey/validation";
import { fromOpenApi } from "./from-openapi.js";
import { packImport } from "./import-copy.js";
import type { ImportTask } from "./import-thread.js";
import { withPlaces } from "./report-places.js";
import { serveTask } from "./thread-task.js";

serveTask(({ text, options }: ImportTask) => {
  const result = fromOpenApi(text, { ...options, schemaFault, sizeFault: schemaSizeFault });
  return packImport({ ...result, report: withPlaces(result.report, text) });
});
