/**
 * The export as 3.0 means what the export as 3.1 means: the same generated bodies and parameters are checked against both.
 * What 3.1 takes 3.0 takes as well; what 3.1 refuses 3.0 takes only where the export warns that 3.0 cannot say something.
 */
import { type ApiModel, fromOpenApi, type JsonObject, lint } from "@latchkey/openapi";
import { compileValidator, type OperationSchemas, type RequestHead } from "@latchkey/validation";
import { describe, expect, it } from "vitest";
import { type DocumentOperation, operationsOf } from "./comparison/document-operations.js";
import { largeDocuments, readDocument, smallDocuments } from "./comparison/documents.js";
import { type GeneratedRequest, RequestGenerator } from "./comparison/generated-request.js";
import { Random } from "./comparison/random.js";

/** Valid requests for each operation, and as many mutated ones. */
const REQUESTS = 4;
const OPERATIONS_MAX = 120;

type Check = (request: GeneratedRequest) => Promise<boolean>;

function checkOf(schemas: OperationSchemas): Check {
  const compiled = compileValidator(schemas);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { request: validator } = compiled.value;
  return async ({ method, target, headers, body }) => {
    const head: RequestHead = {
      method,
      contentType: headers["content-type"] ?? null,
      contentEncoding: null,
      query: target.split("?")[1] ?? "",
      path: [],
      headers: Object.entries(headers).flat(),
      hasBody: body !== null,
    };
    const verdict =
      validator.checkHead(head) ??
      (validator.needsBody(head) ? validator.checkBody(head, Buffer.from(body ?? "")) : null);
    return verdict === null;
  };
}

/** Without parameters in the path, which the router takes apart. */
function withoutPath({ schemas, ...rest }: DocumentOperation): DocumentOperation {
  const parameters = (schemas.parameters ?? []).filter((parameter) => parameter.in !== "path");
  return { ...rest, schemas: { ...schemas, parameters } };
}

function exported(model: ApiModel, version: "3.0" | "3.1") {
  const { document, warnings } = lint(model, { version });
  const losses = warnings.filter(({ code }) => code.startsWith("schema."));
  return { losses, operations: operationsOf(document as unknown as JsonObject).map(withoutPath) };
}

describe.each([...smallDocuments, ...largeDocuments])("%s", (name) => {
  it("means the same in 3.0 and 3.1", { timeout: 300_000 }, async () => {
    const { model } = fromOpenApi(readDocument(name) as JsonObject);
    if (model === null) throw new Error("not read");
    const newer = exported(model, "3.1").operations.slice(0, OPERATIONS_MAX);
    const { operations, losses } = exported(model, "3.0");
    const older = new Map(operations.map((one) => [`${one.method} ${one.path}`, one]));
    const random = new Random(1);
    const narrower: unknown[] = [];
    const wider: unknown[] = [];
    for (const operation of newer) {
      const other = older.get(`${operation.method} ${operation.path}`);
      if (other === undefined) throw new Error(`${operation.method} ${operation.path} is not in 3.0`);
      const [in31, in30] = [checkOf(operation.schemas), checkOf(other.schemas)];
      const generator = new RequestGenerator(operation, random);
      for (let i = 0; i < REQUESTS * 2; i++) {
        const request = i % 2 === 0 ? generator.valid() : generator.mutated();
        if (request === null) continue;
        const [taken31, taken30] = [await in31(request), await in30(request)];
        if (taken31 && !taken30) narrower.push(request);
        if (!taken31 && taken30) wider.push(request);
      }
    }
    expect(narrower).toEqual([]);
    if (losses.length === 0) expect(wider).toEqual([]);
  });
});
