/**
 * The values that a styled text, or pairs of a query or form, can stand for under a schema. Says nothing of whether they
 * fit: the first of them that does is the one that is meant.
 */
import { AmbiguousJson, jsonWithin } from "./json-text.js";
import {
  type Decode,
  type Pairs,
  type Style,
  splitList,
  splitObject,
  unprefixed,
} from "./parameter-styles.js";
import { meter } from "./schema-compiler.js";
import { setMember } from "./schema-keywords.js";
import { type ContainerView, Kind, type ValueReader } from "./text-values.js";

/** Values that a parameter can stand for, best first; or why there are none. */
export type Reading =
  | { readonly kind: "absent" }
  | { readonly kind: "undecodable" }
  /** One value is wanted, and there are several. */
  | { readonly kind: "repeated" }
  /** It is not written as its style says. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "values"; readonly values: readonly unknown[] };

export const ABSENT: Reading = { kind: "absent" };
export const UNDECODABLE: Reading = { kind: "undecodable" };
const REPEATED: Reading = { kind: "repeated" };
const UNREADABLE: Reading = { kind: "unreadable" };

class Broken extends Error {
  override readonly name = "Broken";
}

/** Units of work for a text that is taken apart. */
const TEXT_UNITS = 2;

export class TextReader {
  readonly reader: ValueReader;
  readonly #name: string;
  readonly #style: Style;
  readonly #decode: Decode;

  constructor(reader: ValueReader, name: string, style: Style, decode: Decode) {
    this.reader = reader;
    this.#name = name;
    this.#style = style;
    this.#decode = decode;
  }

  /** Of one text: a parameter of the path, a header, or a value that is not exploded. */
  ofText(text: string): Reading {
    const { reader } = this;
    if (reader.takesScalar && !reader.takesList && !reader.takesObject) {
      const raw = unprefixed(text, this.#style, this.#name);
      if (raw === null) return UNREADABLE;
      const decoded = this.#decode(raw);
      return decoded === null ? UNDECODABLE : { kind: "values", values: reader.scalars(decoded) };
    }
    return this.#guarded(() => {
      const values: unknown[] = [];
      if (reader.takesList)
        for (const items of splitList(text, this.#style, this.#name)) values.push(...this.#lists(items));
      if (reader.takesObject)
        for (const members of splitObject(text, this.#style, this.#name))
          values.push(...this.#objects(members));
      const raw = reader.takesScalar ? unprefixed(text, this.#style, this.#name) : null;
      if (raw !== null) values.push(...reader.scalars(this.#text(raw)));
      return values;
    });
  }

  /** Of pairs in the style `form`, exploded or not. @param others names that belong to something else */
  ofPairs(pairs: Pairs, others: ReadonlySet<string>): Reading {
    if (this.#style.style === "deepObject") return this.#deepObject(pairs);
    const texts = pairs.get(this.#name);
    const { reader } = this;
    if (this.#style.explode && reader.takesObject) {
      const reading = this.#exploded(pairs, others);
      if (reading.kind !== "absent" || texts === undefined) return reading;
    }
    if (texts === undefined) return ABSENT;
    const [first = ""] = texts;
    if (!reader.takesList || !this.#style.explode) {
      if (texts.length > 1) return REPEATED;
      return this.#style.explode ? this.#scalar(first) : this.ofText(first);
    }
    return this.#guarded(() => {
      const values = this.#lists(texts);
      if (reader.takesScalar && texts.length === 1) values.push(...reader.scalars(this.#text(first)));
      return values;
    });
  }

  #scalar(text: string): Reading {
    const decoded = this.#decode(text);
    return decoded === null ? UNDECODABLE : { kind: "values", values: this.reader.scalars(decoded) };
  }

  #guarded(read: () => unknown[]): Reading {
    try {
      const values = read();
      return values.length === 0 ? UNREADABLE : { kind: "values", values };
    } catch (error) {
      return readingOf(error);
    }
  }

  #text(raw: string): string {
    meter.pay(TEXT_UNITS + raw.length / 8);
    const text = this.#decode(raw);
    if (text === null) throw new Broken();
    return text;
  }

  #lists(items: readonly string[]): unknown[] {
    const texts = items.map((item) => this.#text(item));
    return this.reader.lists(texts.length, (i, reader) => this.#within(texts[i] as string, reader));
  }

  /** Objects and lists within have no form in any style but deepObject: they are JSON, as forms and many clients write them. */
  #within(text: string, reader: ValueReader): unknown[] {
    if (reader.takesObject || reader.takesList) {
      const values = jsonOf(text);
      return reader.takesScalar ? [...values, ...reader.scalars(text)] : values;
    }
    return reader.scalars(text);
  }

  #objects(members: readonly (readonly [string, string])[]): unknown[] {
    const texts = new Map<string, string>();
    for (const [name, text] of members) {
      const decoded = this.#text(name);
      // Readers differ in which of two they take.
      if (texts.has(decoded)) return [];
      texts.set(decoded, this.#text(text));
    }
    return this.reader.objects(texts.keys(), (name, reader) =>
      this.#within(texts.get(name) as string, reader),
    );
  }

  /** Properties that stand as pairs of their own. */
  #exploded(pairs: Pairs, others: ReadonlySet<string>): Reading {
    return this.#guardedObject(this.reader.views(Kind.object), (view) => {
      const object: { [name: string]: unknown } = {};
      let isThere = false;
      meter.pay(pairs.size);
      for (const [name, texts] of pairs) {
        if (!view.properties.has(name) && (others.has(name) || !this.#takes(view, name))) continue;
        setMember(object, name, this.#member(this.reader.memberReader(view, name), texts));
        isThere = true;
      }
      return isThere ? object : undefined;
    });
  }

  /** Whether a property that the schema does not name is part of the object, and not a pair of another parameter. */
  #takes(view: ContainerView, name: string): boolean {
    if (view.additionalProperties.some((schema) => typeof schema === "object" && schema !== null))
      return true;
    return view.patternProperties.some(([pattern]) => this.reader.root.matches(pattern, name));
  }

  /**
   * A property of a form that no style is given for: texts, or JSON where the schema wants more than a text
   * (OpenAPI 3.1, Encoding Object). Null: a percent-encoding is broken.
   */
  member(texts: readonly string[]): { readonly value: unknown } | null {
    try {
      return { value: this.#member(this.reader, texts) };
    } catch (error) {
      if (error instanceof Broken) return null;
      throw error;
    }
  }

  #member(reader: ValueReader, texts: readonly string[]): unknown {
    const decoded = texts.map((text) => this.#text(text));
    const [first = ""] = decoded;
    if (!reader.takesList && decoded.length === 1) return reader.choose(this.#within(first, reader));
    const lists = reader.lists(decoded.length, (i, item) => this.#within(decoded[i] as string, item));
    return reader.choose(decoded.length === 1 ? [...lists, ...this.#within(first, reader)] : lists);
  }

  #guardedObject(views: readonly ContainerView[], read: (view: ContainerView) => unknown): Reading {
    try {
      const values = views.map(read).filter((value) => value !== undefined);
      return values.length === 0 ? ABSENT : { kind: "values", values };
    } catch (error) {
      return readingOf(error);
    }
  }

  /** `filter[color]=red`; deeper and with lists, as many clients write it, though OpenAPI says nothing of it. */
  #deepObject(pairs: Pairs): Reading {
    const tree = deepPairs(pairs, this.#name);
    if (tree === null) {
      const [text, ...others] = pairs.get(this.#name) ?? [];
      if (text === undefined) return ABSENT;
      // The style has no form for a text. Where the schema admits one, such as "" beside an object, it is written as in any other.
      if (others.length > 0 || !this.reader.takesScalar) return UNREADABLE;
      return this.#guarded(() => this.reader.scalars(this.#text(text)));
    }
    return this.#guarded(() => this.#deepValues(tree, this.reader));
  }

  #deepValues(node: DeepNode, reader: ValueReader): unknown[] {
    meter.pay(TEXT_UNITS);
    const values: unknown[] = [];
    const { texts, members } = node;
    if (members.size > 0) {
      const names = [...members.keys()];
      if (reader.takesList && names.every((name) => /^\d{0,4}$/.test(name))) {
        const items = [...members.values()].flatMap((member) => itemsOf(member));
        values.push(...reader.lists(items.length, (i, item) => this.#deepValues(items[i] as DeepNode, item)));
      }
      if (reader.takesObject || values.length === 0)
        values.push(
          ...reader.objects(names, (name, member) => this.#deepValues(members.get(name) as DeepNode, member)),
        );
      return values;
    }
    const decoded = texts.map((text) => this.#text(text));
    const [first = ""] = decoded;
    if (reader.takesList)
      values.push(...reader.lists(decoded.length, (i, item) => item.scalars(decoded[i] as string)));
    if (decoded.length === 1) values.push(...reader.scalars(first));
    return values.length > 0 ? values : [decoded];
  }
}

function readingOf(error: unknown): Reading {
  if (error instanceof Broken) return UNDECODABLE;
  if (error instanceof AmbiguousJson) return UNREADABLE;
  throw error;
}

function jsonOf(text: string): unknown[] {
  return [(jsonWithin(text) ?? { value: text }).value];
}

/** What stands under a name in brackets. */
interface DeepNode {
  readonly texts: string[];
  readonly members: Map<string, DeepNode>;
}

const DEEP_LEVELS_MAX = 8;

/** Null: no pair is in brackets behind this name. */
export function deepPairs(pairs: Pairs, name: string): DeepNode | null {
  meter.pay(pairs.size);
  let root: DeepNode | null = null;
  for (const [written, texts] of pairs) {
    const path = deepPath(written, name);
    if (path === null) continue;
    root ??= { texts: [], members: new Map() };
    let node = root;
    for (const key of path) {
      let next = node.members.get(key);
      if (next === undefined) {
        next = { texts: [], members: new Map() };
        node.members.set(key, next);
      }
      node = next;
    }
    node.texts.push(...texts);
  }
  return root;
}

/** `a[b][c]` → b, c. */
function deepPath(written: string, name: string): readonly string[] | null {
  if (!written.startsWith(`${name}[`) || !written.endsWith("]")) return null;
  const path = written.slice(name.length + 1, -1).split("][");
  return path.length > DEEP_LEVELS_MAX ? null : path;
}

/** A repeated `a[]` is several items. */
function itemsOf(node: DeepNode): DeepNode[] {
  if (node.members.size > 0) return [node];
  return node.texts.map((text) => ({ texts: [text], members: new Map() }));
}
