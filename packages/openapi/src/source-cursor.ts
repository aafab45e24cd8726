/**
 * A place in an imported document that remembers what was read. What nothing has read at the end has no
 * counterpart, so the report of an import is complete by construction. Never leaves the document.
 */
import { pointerToken } from "@latchkey/core";
import type { ImportReport } from "./import-report.js";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  pointerOf,
  pointerTokens,
  valueAt,
} from "./json.js";

/** References in a row that are followed. */
const HOPS_MAX = 16;

export class SourceDocument {
  readonly root: JsonObject;
  readonly report: ImportReport;
  readonly #seen = new Set<string>();
  readonly #taken = new Set<string>();

  constructor(root: JsonObject, report: ImportReport) {
    this.root = root;
    this.report = report;
  }

  cursor(): Cursor {
    return new Cursor(this, [], this.root);
  }

  at(tokens: readonly string[]): Cursor | null {
    const value = valueAt(this.root, tokens);
    if (value === undefined) return null;
    for (let n = 1; n <= tokens.length; n++) this.see(tokens.slice(0, n));
    return new Cursor(this, tokens, value);
  }

  see(tokens: readonly string[]): void {
    this.#seen.add(pointerOf(tokens));
  }

  /** The value with all that it holds was read, and so was the way to it. */
  take(tokens: readonly string[]): void {
    for (let n = 1; n < tokens.length; n++) this.see(tokens.slice(0, n));
    this.#taken.add(pointerOf(tokens));
  }

  /** Pointers of the highest values that nothing has read, in the order of the document. */
  *unread(): Generator<readonly string[]> {
    yield* this.#unread(this.root, "", []);
  }

  *#unread(value: Json, pointer: string, tokens: readonly string[]): Generator<readonly string[]> {
    const entries = isArray(value)
      ? value.map((item, index) => [String(index), item] as const)
      : isObject(value)
        ? Object.entries(value)
        : [];
    for (const [key, item] of entries) {
      const child = `${pointer}/${pointerToken(key)}`;
      if (this.#taken.has(child)) continue;
      // Nothing is lost with an empty object.
      if (isObject(item) && Object.keys(item).length === 0) continue;
      if (this.#seen.has(child)) yield* this.#unread(item, child, [...tokens, key]);
      else yield [...tokens, key];
    }
  }
}

export class Cursor {
  readonly source: SourceDocument;
  readonly tokens: readonly string[];
  readonly value: Json;

  constructor(source: SourceDocument, tokens: readonly string[], value: Json) {
    this.source = source;
    this.tokens = tokens;
    this.value = value;
  }

  get pointer(): string {
    return pointerOf(this.tokens);
  }

  /** The member or item, now seen; null when there is none. */
  child(key: string | number): Cursor | null {
    const value = this.peek(key);
    if (value === undefined) return null;
    const tokens = [...this.tokens, String(key)];
    this.source.see(tokens);
    return new Cursor(this.source, tokens, value);
  }

  /** The member's or item's value, still unread. */
  peek(key: string | number): Json | undefined {
    if (isObject(this.value)) return member(this.value, String(key));
    return isArray(this.value) ? this.value[Number(key)] : undefined;
  }

  keys(): readonly string[] {
    if (isObject(this.value)) return Object.keys(this.value);
    return isArray(this.value) ? this.value.map((_, index) => String(index)) : [];
  }

  take(): Json {
    this.source.take(this.tokens);
    return this.value;
  }

  /** A text member, taken; undefined when it is none. */
  text(key: string): string | undefined {
    const value = this.peek(key);
    if (typeof value !== "string") return undefined;
    this.child(key)?.take();
    return value;
  }

  /** Where this leads when it is a reference. Null, and an error in the report, when it leads nowhere. */
  deref(): Cursor | null {
    let at: Cursor = this;
    for (let hops = 0; hops < HOPS_MAX; hops++) {
      const ref = at.peek("$ref");
      if (!isObject(at.value) || typeof ref !== "string") return at;
      at.child("$ref");
      const pointer = `${at.pointer}/$ref`;
      if (!ref.startsWith("#")) {
        this.source.report.add(
          "error",
          "ref.remote",
          pointer,
          "References to other documents are never fetched.",
        );
        return null;
      }
      const next = resolveLocal(this.source, ref);
      if (next === null) {
        this.source.report.add("error", "ref.unresolved", pointer, "The reference leads nowhere.");
        return null;
      }
      at = next;
    }
    this.source.report.add("error", "ref.unresolved", this.pointer, "The reference leads in a circle.");
    return null;
  }
}

function resolveLocal(source: SourceDocument, ref: string): Cursor | null {
  let fragment = ref.slice(1);
  try {
    fragment = decodeURIComponent(fragment);
  } catch {
    // not percent-encoded after all
  }
  const tokens = pointerTokens(fragment);
  return tokens === null ? null : source.at(tokens);
}
