/** One parameter of an operation, or one header of a response: reads its text and holds the value to its schema. */
import type { ParameterPlace } from "@latchkey/core";
import { type Found, foundIn, NOTHING, pointerTo } from "./check-item.js";
import { readJson } from "./json-text.js";
import { essenceOf, isJson, PLAIN_TEXT } from "./media-type.js";
import type { ParameterSchema } from "./operation-schemas.js";
import {
  type Decode,
  decodeCookie,
  decodeForm,
  decodePercent,
  type Pairs,
  styleOf,
} from "./parameter-styles.js";
import { type CompiledSchema, meter, notCompiled } from "./schema-compiler.js";
import { ABSENT, type Reading, TextReader, UNDECODABLE } from "./text-reader.js";
import type { SchemaRoot, ValueReader } from "./text-values.js";

/** What is wrong with the request itself: no value can be read. */
export type Malformed = { readonly malformed: string };

const decoders: { readonly [place in ParameterPlace]: Decode } = {
  path: (text) => decodePercent(text) ?? text,
  query: decodeForm,
  header: (text) => text.trim(),
  cookie: decodeCookie,
};

export class Parameter {
  readonly place: ParameterPlace;
  /** Of a header in lower case. */
  readonly name: string;
  readonly #pointer: string;
  readonly #required: boolean;
  readonly #schema: CompiledSchema | null;
  readonly #decode: Decode;
  /** Null: the value is described by its content. */
  readonly #reader: TextReader | null;
  readonly #isJson: boolean;
  /** Of content that is plain text. */
  readonly #plain: ValueReader | null;
  readonly #allowsEmpty: boolean;

  /** @param schema null: any value */
  constructor(given: ParameterSchema, root: SchemaRoot, schema: CompiledSchema | null) {
    const { in: place, name } = given;
    this.place = place;
    this.name = place === "header" ? name.toLowerCase() : name;
    this.#pointer = pointerTo(name);
    this.#required = given.required === true && place !== "path";
    this.#schema = schema;
    this.#decode = place === "query" && given.allowReserved === true ? decodePercent : decoders[place];
    const style = styleOf(place, given);
    const [range] = Object.keys(given.content ?? {});
    const essence = range === undefined ? null : essenceOf(range);
    this.#isJson = essence !== null && isJson(essence);
    this.#plain = essence === PLAIN_TEXT && schema !== null ? root.readerOf([root.schema]) : null;
    this.#reader =
      range === undefined && schema !== null
        ? new TextReader(root.readerOf([root.schema]), this.name, style, this.#decode)
        : null;
    // Where the style has no form for an empty value, it is ignored.
    this.#allowsEmpty = place === "query" && given.allowEmptyValue === true && style.style === "form";
  }

  /** @param text as it stands in the path */
  checkPath(text: string): Found | Malformed {
    if (this.#schema === notCompiled) return "later";
    if (this.#reader === null) return this.#checkContent([text]);
    return this.#checkReading(this.#reader.ofText(text));
  }

  /** @param others names of the other parameters there */
  checkPairs(pairs: Pairs, others: ReadonlySet<string>): Found | Malformed {
    if (this.#schema === notCompiled) return "later";
    if (this.#reader === null) return this.#checkContent(pairs.get(this.name));
    if (this.#allowsEmpty) {
      const texts = pairs.get(this.name);
      if (texts?.length === 1 && texts[0] === "") return NOTHING;
    }
    return this.#checkReading(this.#reader.ofPairs(pairs, others));
  }

  /** @param lines values of the header's lines; undefined: it is not there */
  checkLines(lines: readonly string[] | undefined): Found | Malformed {
    if (this.#schema === notCompiled) return "later";
    const text = lines === undefined ? undefined : lines.join(",");
    if (this.#reader === null) return this.#checkContent(text === undefined ? undefined : [text]);
    return this.#checkReading(text === undefined ? ABSENT : this.#reader.ofText(text));
  }

  #checkContent(texts: readonly string[] | undefined): Found | Malformed {
    if (texts === undefined) return this.#checkReading(ABSENT);
    const [text = ""] = texts;
    if (texts.length > 1) return this.#checkReading({ kind: "repeated" });
    const decoded = this.#decode(text);
    if (decoded === null) return this.#checkReading(UNDECODABLE);
    if (this.#schema === null) return NOTHING;
    if (this.#plain !== null)
      return foundIn(this.#schema, this.#plain.scalars(decoded), this.place, this.#pointer);
    if (!this.#isJson) return NOTHING;
    meter.pay(decoded.length);
    const read = readJson(Buffer.from(decoded));
    if ("problem" in read) return this.#item(read.problem.detail);
    return foundIn(this.#schema, [read.value], this.place, this.#pointer);
  }

  #checkReading(reading: Reading): Found | Malformed {
    switch (reading.kind) {
      case "values":
        return this.#schema === null
          ? NOTHING
          : foundIn(this.#schema, reading.values, this.place, this.#pointer);
      case "absent":
        return this.#required ? this.#item(`The ${this.#noun} is required.`) : NOTHING;
      case "repeated":
        return this.#item(`The ${this.#noun} may be given once only.`);
      case "unreadable":
        return this.#item(`The ${this.#noun} is not written as its style says.`);
      case "undecodable":
        return { malformed: this.#pointer };
    }
  }

  get #noun(): string {
    return this.place === "header" ? "header" : "parameter";
  }

  #item(detail: string): Found {
    return [{ in: this.place, pointer: this.#pointer, detail }];
  }
}
