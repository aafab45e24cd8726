/**
 * The schemas that the operations of one API share: up to megabytes of JSON, of which an operation mostly needs little. Parses
 * what is asked for and no more, because the thread that serves requests asks. The whole is for the threads of a CheckPool.
 */
import { reachedNames } from "./reachable-schemas.js";
import { type JsonObject, setMember } from "./schema-keywords.js";
import { sharedReferencesIn } from "./schema-view.js";

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Texts that are kept so that the same schemas stay the same: UTF-16 code units of all of them. */
const KEPT_CHARS_MAX = 64 * 1024 * 1024;

export class SharedSchemas {
  /** Names the text in this process. */
  readonly id: number;
  /** An object of schemas by name. */
  readonly text: string;
  #spans: ReadonlyMap<string, Span> | null = null;
  readonly #parsed = new Map<string, unknown>();
  /** In the order of use, the latest last. */
  static readonly #kept = new Map<string, SharedSchemas>();
  static #keptChars = 0;
  static #lastId = 0;

  private constructor(text: string) {
    this.id = ++SharedSchemas.#lastId;
    this.text = text;
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
   * Those that a value leads to, by references anywhere in it. Null: they have more than `charsMax` characters.
   * @throws SyntaxError when the text is no JSON
   */
  reachedBy(value: unknown, charsMax: number): JsonObject | null {
    this.#spans ??= memberSpans(this.text);
    const spans = this.#spans;
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

  #schema(name: string, { from, to }: Span): unknown {
    let schema = this.#parsed.get(name);
    if (schema === undefined) {
      schema = JSON.parse(this.text.slice(from, to)) as unknown;
      this.#parsed.set(name, schema);
    }
    return schema;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the values of an object's members stand in its text. Of a text that is no JSON: anything, or a SyntaxError. */
export function memberSpans(text: string): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  let depth = 0;
  let name: string | null = null;
  let from = 0;
  const end = (to: number): void => {
    if (name !== null) spans.set(name, { from, to });
    name = null;
  };
  for (let i = 0; i < text.length; i++)
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const start = i;
        i = stringEnd(text, i);
        if (depth === 1 && name === null) {
          name = JSON.parse(text.slice(start, i + 1)) as string;
          from = text.indexOf(":", i) + 1;
          i = from - 1;
        }
        break;
      }
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if (depth === 1) end(i);
        depth--;
        break;
      case 0x2c: // ,
        if (depth === 1) end(i);
        break;
    }
  return spans;
}

/** Of the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    i = text.indexOf('"', i);
    if (i < 0) throw new SyntaxError("a string has no end");
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return i;
  }
}
