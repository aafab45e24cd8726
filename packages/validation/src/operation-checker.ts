/**
 * An operation's schemas as the thread that serves requests knows them: small ones compiled, and enough of large ones to say
 * when the pool has to be asked. One for the same schemas, whatever revision they come with.
 */
import { createHash } from "node:crypto";
import type { OperationSchemas } from "./operation-schemas.js";
import { compileInlineValidator, type OperationValidator } from "./operation-validator.js";

const REST_MS = 60_000;

export class OperationChecker {
  /** Names the schemas in this process. */
  readonly id: number;
  readonly schemas: OperationSchemas;
  #inline: OperationValidator | "unusable" | null = null;
  #restsUntilMs = 0;

  constructor(id: number, schemas: OperationSchemas) {
    this.id = id;
    this.schemas = schemas;
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

  of(schemas: OperationSchemas): OperationChecker {
    // Of a fixed length: operations of one API may reach megabytes of schemas.
    const key = createHash("sha256").update(JSON.stringify(schemas)).digest("base64");
    const checker = this.#entries.get(key) ?? new OperationChecker(++OperationCheckers.#lastId, schemas);
    this.#entries.delete(key);
    this.#entries.set(key, checker);
    if (this.#entries.size > this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return checker;
  }
}
