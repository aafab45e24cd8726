/** The validators of an operation's requests and responses, whole or as far as they hold up nobody. */
import { ok, type Result } from "@latchkey/core";
import { compileParts, type OperationParts, type SchemaProblem } from "./operation-parts.js";
import type { OperationSchemas } from "./operation-schemas.js";
import { RequestValidator } from "./request-validator.js";
import { ResponseValidator } from "./response-validator.js";
import { INLINE_BUDGET, WHOLE_BUDGET, type WorkBudget } from "./work-meter.js";

export interface OperationValidator {
  readonly request: RequestValidator;
  readonly response: ResponseValidator;
}

/** Larger bodies are not parsed inline: 16 KiB of JSON take some 0.3 ms with their members counted. */
const INLINE_BODY_BYTES_MAX = 16 * 1024;
/** Values of all schemas of an operation that are compiled inline, in 5 to 15 ms once. */
const INLINE_SCHEMA_VALUES_MAX = 200;

export interface WholeOptions {
  /** What a compressed response may come to. Default: 4 MiB. */
  readonly decompressedBytesMax?: number;
}

/** Compiles an operation's schemas, or says everything that is wrong with them. */
export function compileValidator(
  schemas: OperationSchemas,
  { decompressedBytesMax = 4 * 1024 * 1024 }: WholeOptions = {},
): Result<OperationValidator, readonly SchemaProblem[]> {
  const parts = compileParts(schemas, Number.POSITIVE_INFINITY);
  if (!parts.ok) return parts;
  return ok(validatorOf(parts.value, WHOLE_BUDGET, Number.POSITIVE_INFINITY, decompressedBytesMax));
}

/** Compiles what of an operation's schemas is small. What is wrong with the others is found later. */
export function compileInlineValidator(
  schemas: OperationSchemas,
): Result<OperationValidator, readonly SchemaProblem[]> {
  const parts = compileParts(schemas, INLINE_SCHEMA_VALUES_MAX);
  return parts.ok ? ok(validatorOf(parts.value, INLINE_BUDGET, INLINE_BODY_BYTES_MAX, 0)) : parts;
}

function validatorOf(
  parts: OperationParts,
  budget: WorkBudget,
  bodyBytesMax: number,
  decompressedBytesMax: number,
): OperationValidator {
  return {
    request: new RequestValidator(parts, budget, bodyBytesMax),
    response: new ResponseValidator(parts, budget, bodyBytesMax, decompressedBytesMax),
  };
}
