/**
 * Remembers compiled validators by the text of their schemas, so that a new revision compiles only what
 * changed. Bounded: the one that was not asked for the longest goes first.
 */
import type { Result } from "@latchkey/core";
import {
  compileRequestValidator,
  type RequestSchemas,
  type RequestValidator,
  type SchemaProblem,
} from "./request-validator.js";

export type CompiledRequest = Result<RequestValidator, readonly SchemaProblem[]>;

export interface ValidatorCacheOptions {
  /** Validators kept; each holds some kilobytes of code. Default: 2,000. */
  readonly entriesMax?: number;
}

export class ValidatorCache {
  readonly #entriesMax: number;
  /** In the order of use, the latest last. */
  readonly #entries = new Map<string, CompiledRequest>();

  constructor({ entriesMax = 2000 }: ValidatorCacheOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  compile(schemas: RequestSchemas): CompiledRequest {
    const key = JSON.stringify(schemas);
    const known = this.#entries.get(key);
    const compiled = known ?? compileRequestValidator(schemas);
    this.#entries.delete(key);
    this.#entries.set(key, compiled);
    if (this.#entries.size > this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return compiled;
  }
}
