/**
 * What OTLP's messages of all signals have in common (opentelemetry-proto 1.x): attributes, resource, scope, and the request
 * around them. Field numbers are of common.proto, resource.proto and the collector's services, which are stable.
 */
import { DELIMITED, FIXED64, ProtoWriter, tag, VARINT } from "./proto-writer.js";

/** Undefined: left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const KEY = tag(1, DELIMITED);
const VALUE = tag(2, DELIMITED);
const STRING_VALUE = tag(1, DELIMITED);
const BOOL_VALUE = tag(2, VARINT);
const INT_VALUE = tag(3, VARINT);
const DOUBLE_VALUE = tag(4, FIXED64);
const NAME = tag(1, DELIMITED);
const RESOURCE_ATTRIBUTES = tag(1, DELIMITED);
/** Of ResourceSpans, ResourceMetrics and ResourceLogs, of what is in them, and of the requests. */
const RESOURCE = tag(1, DELIMITED);
const SCOPES = tag(2, DELIMITED);
const SCOPE = tag(1, DELIMITED);
const RESOURCES = tag(1, DELIMITED);
/** The field of spans, metrics and log records in their scope. */
export const ITEM = tag(2, DELIMITED);

/** Writes each attribute as a KeyValue. @param field the tag of the list */
export function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) writeAttribute(writer, field, name, value);
  }
}

export function writeAttribute(
  writer: ProtoWriter,
  field: number,
  name: string,
  value: string | number | boolean,
): void {
  const pair = writer.begin(field);
  writer.string(KEY, name);
  const any = writer.begin(VALUE);
  if (typeof value === "string") writer.string(STRING_VALUE, value);
  else if (typeof value === "boolean") writer.varint(BOOL_VALUE, Number(value));
  else if (Number.isSafeInteger(value)) writer.varint(INT_VALUE, value);
  else writer.double(DOUBLE_VALUE, value);
  writer.end(any);
  writer.end(pair);
}

/** Makes requests of items that are encoded already, each with its tag. */
export class OtlpEnvelope {
  readonly #writer = new ProtoWriter();
  readonly #resource: Buffer;
  readonly #scope: Buffer;

  constructor(resource: Attributes, scopeName: string) {
    const writer = this.#writer;
    const around = writer.begin(RESOURCE);
    writeAttributes(writer, RESOURCE_ATTRIBUTES, resource);
    writer.end(around);
    this.#resource = writer.take();
    const scope = writer.begin(SCOPE);
    writer.string(NAME, scopeName);
    writer.end(scope);
    this.#scope = writer.take();
  }

  /** @param bytes of all items */
  around(items: readonly Uint8Array[], bytes: number): Buffer {
    const scopesHead = this.#head(SCOPES, this.#scope.length + bytes);
    const length = this.#resource.length + scopesHead.length + this.#scope.length + bytes;
    return Buffer.concat([this.#head(RESOURCES, length), this.#resource, scopesHead, this.#scope, ...items]);
  }

  /** The begin of a message whose bytes come from elsewhere: a tag and a length look like a field of a number. */
  #head(field: number, length: number): Buffer {
    this.#writer.varint(field, length);
    return this.#writer.take();
  }
}
