/**
 * A route's schemas as the thread that serves requests knows them: small ones compiled, and enough of large ones to say
 * when the pool has to be asked. One for the same schemas, whatever revision they come with.
 */
import { compileInlineValidator, type InlineValidator, type RequestSchemas } from "./request-validator.js";

const REST_MS = 60_000;

export class RequestChecker {
  /** Names the schemas in this process. */
  readonly id: number;
  readonly schemas: RequestSchemas;
  #inline: InlineValidator | "unusable" | null = null;
  #restsUntilMs = 0;

  constructor(id: number, schemas: RequestSchemas) {
    this.id = id;
    this.schemas = schemas;
  }

  /** `unusable`: a schema is no schema, or cannot be compiled. */
  get inline(): InlineValidator | "unusable" {
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

export interface RequestCheckersOptions {
  /** Checkers kept; each holds some kilobytes of code. Default: 2,000. */
  readonly entriesMax?: number;
}

/** Remembers checkers by their schemas. Bounded: the one that was not asked for the longest goes first. */
export class RequestCheckers {
  readonly #entriesMax: number;
  /** In the order of use, the latest last. */
  readonly #entries = new Map<string, RequestChecker>();
  static #lastId = 0;

  constructor({ entriesMax = 2000 }: RequestCheckersOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  of(schemas: RequestSchemas): RequestChecker {
    const key = JSON.stringify(schemas);
    const checker = this.#entries.get(key) ?? new RequestChecker(++RequestCheckers.#lastId, schemas);
    this.#entries.delete(key);
    this.#entries.set(key, checker);
    if (this.#entries.size > this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return checker;
  }
}
