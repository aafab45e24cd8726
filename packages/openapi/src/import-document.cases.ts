/** Documents for tests of the import, and its report in short. Tests only. */
import type { ImportResult } from "./import-result.js";
import type { JsonObject } from "./json.js";

export const ok = { responses: { "200": { description: "ok" } } };

export function documentOf(paths: JsonObject, more: JsonObject = {}): JsonObject {
  return { openapi: "3.1.0", info: { title: "T", version: "v1" }, paths, ...more };
}

/** `error ref.remote /paths/~1a` for each note. */
export const codes = ({ report }: ImportResult) =>
  report.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);
