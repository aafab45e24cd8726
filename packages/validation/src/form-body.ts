/**
 * Forms as the objects that their schema speaks of: `application/x-www-form-urlencoded` and `multipart/form-data`, with
 * the Encoding Objects of OpenAPI 3.1. A file is a string of its bytes.
 */

import { jsonWithin } from "./json-text.js";
import { accepts, isJson } from "./media-type.js";
import type { Part } from "./multipart.js";
import type { EncodingSchema, MediaTypeSchema } from "./operation-schemas.js";
import { decodeForm, decodePercent, type Pairs, styleOf } from "./parameter-styles.js";
import { meter } from "./schema-compiler.js";
import { isObject, setMember } from "./schema-keywords.js";
import { deepPairs, TextReader } from "./text-reader.js";
import { type ContainerView, Kind, type SchemaRoot, type ValueReader } from "./text-values.js";

/** Objects that a form can stand for, best first; or a fault, of a property or (null) of the form. */
export type FormReading =
  | { readonly values: readonly unknown[] }
  | { readonly property: string | null; readonly detail: string; readonly isMalformed: boolean };

export class FormBody {
  readonly #root: SchemaRoot;
  readonly #reader: ValueReader;
  readonly #encoding: NonNullable<MediaTypeSchema["encoding"]>;

  constructor(root: SchemaRoot, encoding: MediaTypeSchema["encoding"]) {
    this.#root = root;
    this.#reader = root.readerOf([root.schema]);
    this.#encoding = isObject(encoding) ? encoding : {};
  }

  fromPairs(pairs: Pairs): FormReading {
    const values: unknown[] = [];
    for (const view of this.#reader.views(Kind.object)) {
      const object: { [name: string]: unknown } = {};
      const names = new Set(view.properties.keys());
      const taken = new Set<string>();
      for (const [name, schemas] of view.properties) {
        const reader = this.#root.readerOf(schemas);
        const found = this.#property(name, reader, pairs, names, taken);
        if (found === "broken") return brokenAt(name);
        if (found !== null) setMember(object, name, found.value);
      }
      for (const [name, texts] of pairs) {
        if (taken.has(name) || Object.hasOwn(object, name)) continue;
        const reader = this.#reader.memberReader(view, name);
        const found = this.#textReader(name, reader, undefined).member(texts);
        if (found === null) return brokenAt(name);
        setMember(object, name, found.value);
      }
      values.push(object);
    }
    return { values };
  }

  /** Null: the form does not have it. @param taken gets the names of pairs that belong to it */
  #property(
    name: string,
    reader: ValueReader,
    pairs: Pairs,
    names: ReadonlySet<string>,
    taken: Set<string>,
  ): { readonly value: unknown } | "broken" | null {
    const encoding = Object.hasOwn(this.#encoding, name) ? this.#encoding[name] : undefined;
    const isStyled = encoding?.style !== undefined || encoding?.explode !== undefined;
    const deep = !isStyled && (reader.takesObject || reader.takesList) ? deepPairs(pairs, name) : null;
    if (!isStyled && deep === null) {
      const texts = pairs.get(name);
      return texts === undefined
        ? null
        : (this.#textReader(name, reader, encoding).member(texts) ?? "broken");
    }
    const style = styleOf("query", deep === null ? (encoding ?? {}) : { style: "deepObject", explode: true });
    const decode = encoding?.allowReserved === true ? decodePercent : decodeForm;
    const read = new TextReader(reader, name, style, decode).ofPairs(pairs, names);
    meter.pay(pairs.size);
    for (const written of pairs.keys())
      if (written === name || (style.style === "deepObject" && written.startsWith(`${name}[`)))
        taken.add(written);
    // Members of an exploded object stand beside the others.
    if (style.style === "form" && style.explode && reader.takesObject)
      for (const view of reader.views(Kind.object))
        for (const member of view.properties.keys()) if (!names.has(member)) taken.add(member);
    if (read.kind === "undecodable") return "broken";
    if (read.kind === "absent") return null;
    return { value: read.kind === "values" ? reader.choose(read.values) : (pairs.get(name) ?? []) };
  }

  #textReader(name: string, reader: ValueReader, encoding: EncodingSchema | undefined): TextReader {
    const decode = encoding?.allowReserved === true ? decodePercent : decodeForm;
    return new TextReader(reader, name, { style: "form", explode: true }, decode);
  }

  fromParts(parts: readonly Part[]): FormReading {
    const byName = new Map<string, Part[]>();
    for (const part of parts) {
      const list = byName.get(part.name);
      if (list === undefined) byName.set(part.name, [part]);
      else list.push(part);
      const wanted = Object.hasOwn(this.#encoding, part.name)
        ? this.#encoding[part.name]?.contentType
        : undefined;
      if (typeof wanted === "string" && !isTaken(part, wanted))
        return { property: part.name, detail: `The part must be of ${wanted}.`, isMalformed: false };
    }
    return {
      values: this.#reader.views(Kind.object).map((view) => this.#objectOf(view, byName)),
    };
  }

  #objectOf(view: ContainerView, byName: ReadonlyMap<string, readonly Part[]>): unknown {
    const object: { [name: string]: unknown } = {};
    for (const [name, parts] of byName) {
      const reader = this.#reader.memberReader(view, name);
      const [first] = parts;
      const lists =
        reader.takesList || parts.length > 1
          ? reader.lists(parts.length, (i, item) => partValues(parts[i] as Part, item))
          : [];
      const single = parts.length === 1 && first !== undefined ? partValues(first, reader) : [];
      setMember(object, name, reader.choose([...lists, ...single]));
    }
    return object;
  }
}

function brokenAt(property: string): FormReading {
  return { property, detail: "The value cannot be decoded.", isMalformed: true };
}

/** A part that names no type may hold anything: many clients name none. */
function isTaken({ contentType, isTyped }: Part, wanted: string): boolean {
  return !isTyped || wanted.split(",").some((range) => accepts(range, contentType));
}

function partValues({ contentType, isFile, bytes }: Part, reader: ValueReader): unknown[] {
  meter.pay(bytes.length / 8);
  const isText = contentType.startsWith("text/");
  if (!isJson(contentType) && (isFile || !isText)) return [bytes.toString("latin1")];
  const text = bytes.toString("utf8");
  if (!isJson(contentType) && !reader.takesObject && !reader.takesList) return reader.scalars(text);
  const values: unknown[] = reader.takesScalar ? reader.scalars(text) : [];
  const read = jsonWithin(text);
  if (read !== null) return [read.value, ...values];
  return values.length > 0 ? values : [text];
}
