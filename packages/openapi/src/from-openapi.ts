/**
 * An OpenAPI document (3.0 to 3.2 or Swagger 2.0, JSON or YAML) as an Api: the routes that it asks for, and a report of
 * everything that an Api has no place for. Pure: it fetches nothing and changes nothing.
 */
import { ImportReport } from "./import-report.js";
import { type ImportOptions, type ImportResult, refusedImport } from "./import-result.js";
import { Importer } from "./importer.js";
import { type JsonObject, member, truncate } from "./json.js";
import { defaultDocumentLimits, parseDocument } from "./parse-document.js";
import type { SchemaDialect } from "./schema-normalizer.js";
import { SourceDocument } from "./source-cursor.js";
import { fromSwagger2 } from "./swagger-2.js";

export function fromOpenApi(input: string | JsonObject, options: ImportOptions = {}): ImportResult {
  const report = new ImportReport(options.reportMax ?? 10_000);
  const parsed = parseDocument(input, { ...defaultDocumentLimits, ...options.limits });
  if (!parsed.ok) {
    const { code, message, place } = parsed.error;
    const item = {
      severity: "error",
      code,
      pointer: "",
      message,
      ...(place !== undefined && { place }),
    } as const;
    return refusedImport([item]);
  }
  let document = parsed.value;
  if (typeof member(document, "swagger") === "string" && /^2\.0\b/.test(String(document.swagger))) {
    const converted = fromSwagger2(document);
    if (converted === null) {
      report.add(
        "error",
        "document.malformed",
        "",
        "The Swagger 2.0 document cannot be converted to OpenAPI 3.0.",
      );
      return refusedImport(report.items());
    }
    document = converted;
    report.add(
      "documentation",
      "document.converted",
      "",
      "Swagger 2.0 is converted to OpenAPI 3.0 first; pointers lead into the converted document.",
    );
  }
  const version = member(document, "openapi");
  const dialect = dialectOf(version);
  if (dialect === null) {
    const key = version !== undefined ? "openapi" : "swagger";
    const given = member(document, key);
    const pointer = given === undefined ? "" : `/${key}`;
    const found =
      given === undefined
        ? "neither `openapi` nor `swagger` stands at the top"
        : `\`${key}\` is ${truncate(JSON.stringify(given), 40)}, not a text such as "3.0.3" or "3.1.1" (\`swagger\`: "2.0")`;
    report.add(
      "error",
      "document.version_unsupported",
      pointer,
      `OpenAPI 3.0, 3.1 and 3.2 and Swagger 2.0 are read; here ${found}.`,
    );
    return refusedImport(report.items());
  }
  return new Importer(new SourceDocument(document, report), dialect, options).run();
}

function dialectOf(version: unknown): SchemaDialect | null {
  if (typeof version !== "string") return null;
  if (/^3\.0\.\d+/.test(version)) return "openapi-3.0";
  return /^3\.[12]\.\d+/.test(version) ? "2020-12" : null;
}
