/**
 * The schemas that the operations of one API share: up to megabytes of JSON, of which an operation mostly needs little. Parses
 * what is asked for and no more, and scans large ones between other work, because the thread that serves requests asks. The
 * whole is for the threads of a CheckPool.
 */
import { MemberScan, type Span } from "./member-scan.js";
import { reachedNames } from "./reachable-schemas.js";
import { type JsonObject, setMember } from "./schema-keywords.js";
import { sharedReferencesIn } from "./schema-view.js";

/** Texts that are kept so that the same schemas stay the same: UTF-16 code units of all of them. */
const KEPT_CHARS_MAX = 64 * 1024 * 1024;
/** Scanned in one go: some 4 ms. */
const SCANNED_AT_ONCE_MAX = 512 * 1024;
/** Of a larger text, between two turns of the event loop: some 1 ms. */
const STEP_CHARS = 128 * 1024;

export class SharedSchemas {
  /** Names the text in this process. */
  readonly id: number;
  /** An object of schemas by name. */
  readonly text: string;
  readonly #scan: MemberScan;
  #state: "unread" | "reading" | "read" = "unread";
  #fault: unknown = null;
  readonly #parsed = new Map<string, unknown>();
  /** In the order of use, the latest last. */
  static readonly #kept = new Map<string, SharedSchemas>();
  static #keptChars = 0;
  static #lastId = 0;

  private constructor(text: string) {
    this.id = ++SharedSchemas.#lastId;
    this.text = text;
    this.#scan = new MemberScan(text);
  }

  /** False: `reachedBy` began to scan the text and knows more later. */
  get isScanned(): boolean {
    return this.#state === "read";
  }

  /** The same for the same text, while it is remembered. */
  static of(text: string): SharedSchemas {
    const kept = SharedSchemas.#kept;
    const known = kept.get(text);
    const shared = known ?? new SharedSchemas(text);
    kept.delete(text);
    kept.set(text, shared);
    if (known === undefined) SharedSchemas.#keptChars += text.length;
    for (const [oldest] of kept) {
      if (SharedSchemas.#keptChars <= KEPT_CHARS_MAX || kept.size === 1) break;
      kept.delete(oldest);
      SharedSchemas.#keptChars -= oldest.length;
    }
    return shared;
  }

  /**
   * Those that a value leads to, by references anywhere in it. Null: they have more than `charsMax` characters, or the text is
   * not scanned yet.
   * @throws SyntaxError when the text is no JSON
   */
  reachedBy(value: unknown, charsMax: number): JsonObject | null {
    if (this.#state === "unread") this.#read(this.text.length <= SCANNED_AT_ONCE_MAX);
    if (this.#fault !== null) throw this.#fault;
    if (this.#state !== "read") return null;
    const { spans } = this.#scan;
    const known = (one: unknown): string[] => sharedReferencesIn(one).filter((name) => spans.has(name));
    const reached: { [name: string]: unknown } = {};
    let chars = 0;
    reachedNames(known(value), (name) => {
      const span = spans.get(name) as Span;
      chars += span.to - span.from;
      if (chars > charsMax) return [];
      const schema = this.#schema(name, span);
      setMember(reached, name, schema);
      return known(schema);
    });
    return chars > charsMax ? null : reached;
  }

  #read(isAtOnce: boolean): void {
    this.#state = "reading";
    try {
      if (this.#scan.advance(isAtOnce ? Number.POSITIVE_INFINITY : STEP_CHARS)) this.#state = "read";
      else setImmediate(() => this.#read(false));
    } catch (fault) {
      this.#fault = fault;
      this.#state = "read";
    }
  }

  #schema(name: string, { from, to }: Span): unknown {
    let schema = this.#parsed.get(name);
    if (schema === undefined) {
      schema = JSON.parse(this.text.slice(from, to)) as unknown;
      this.#parsed.set(name, schema);
    }
    return schema;
  }
}
