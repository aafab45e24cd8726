/**
 * An operation's schemas as the thread that serves requests knows them: small ones compiled, and enough of large ones to say
 * when the pool has to be asked. One for the same schemas, whatever revision they come with.
 */
import { createHash } from "node:crypto";
import type { OperationSchemas } from "./operation-schemas.js";
import { compileInlineValidator, type OperationValidator } from "./operation-validator.js";
import type { SharedSchemas } from "./shared-schemas.js";

const REST_MS = 60_000;
/** Of shared schemas that an operation leads to. More has too many values to be compiled inline anyway. */
const INLINE_SHARED_CHARS_MAX = 64 * 1024;

export class OperationChecker {
  /** Names the schemas in this process. */
  readonly id: number;
  readonly schemas: OperationSchemas;
  /** All that the API shares, where the operation leads to more than the serving thread parses. */
  readonly shared: SharedSchemas | null;
  #inline: OperationValidator | "unusable" | null = null;
  #restsUntilMs = 0;

  constructor(id: number, schemas: OperationSchemas, shared: SharedSchemas | null) {
    this.id = id;
    this.schemas = schemas;
    this.shared = shared;
  }

  /** `unusable`: a schema is no schema, or cannot be compiled. */
  get inline(): OperationValidator | "unusable" {
    if (this.#inline === null) {
      const compiled = compileInlineValidator(this.schemas);
      this.#inline = compiled.ok ? compiled.value : "unusable";
    }
    return this.#restsUntilMs > 0 && performance.now() < this.#restsUntilMs ? "unusable" : this.#inline;
  }

  /** The schemas cannot be compiled. */
  putAside(): void {
    this.#inline = "unusable";
  }

  /** The schemas were not compiled in time: nobody waits for them for a while. */
  rest(): void {
    this.#restsUntilMs = performance.now() + REST_MS;
  }
}

export interface OperationCheckersOptions {
  /** Checkers kept; each holds some kilobytes of code. Default: 2,000. */
  readonly entriesMax?: number;
}

/** Remembers checkers by their schemas. Bounded: the one that was not asked for the longest goes first. */
export class OperationCheckers {
  readonly #entriesMax: number;
  /** In the order of use, the latest last. */
  readonly #entries = new Map<string, OperationChecker>();
  static #lastId = 0;

  constructor({ entriesMax = 2000 }: OperationCheckersOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param shared what `schemas` leads to; all of it, or what it needs of it, is parsed here only if it is little */
  of(schemas: OperationSchemas, shared: SharedSchemas | null = null): OperationChecker {
    const reached = shared?.reachedBy(schemas, INLINE_SHARED_CHARS_MAX);
    const whole: OperationSchemas =
      reached === undefined ? schemas : { ...schemas, schemas: reached ?? "elsewhere" };
    const large = reached === null ? shared : null;
    // Of a fixed length: an operation has up to 262,144 characters.
    const key = createHash("sha256")
      .update(`${large?.id ?? ""} ${JSON.stringify(whole)}`)
      .digest("base64");
    const checker = this.#entries.get(key) ?? new OperationChecker(++OperationCheckers.#lastId, whole, large);
    this.#entries.delete(key);
    this.#entries.set(key, checker);
    if (this.#entries.size > this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return checker;
  }
}
