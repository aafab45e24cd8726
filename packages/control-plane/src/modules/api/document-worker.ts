/** The thread's side of `document-writer.ts`: writes one document. Nobody imports it. */
import { serveTask } from "@latchkey/openapi";
import { OpenApiDocuments } from "./api-document.js";
import type { WriteTask } from "./document-writer.js";

serveTask(({ input, settings, version, format }: WriteTask) =>
  new OpenApiDocuments(settings).text(input, version, format),
);
