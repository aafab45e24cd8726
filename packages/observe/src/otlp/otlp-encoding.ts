/**
 * What OTLP's messages of all signals have in common (opentelemetry-proto 1.x): attributes, resource, scope, and the request
 * around them. Field numbers are of common.proto, resource.proto and the collector's services, which are stable.
 */
import { BinaryWriter } from "@bufbuild/protobuf/wire";

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

/** Numbers are whole. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

const tag = (field: number, type: number) => (field << 3) | type;

const KEY = tag(1, DELIMITED);
const VALUE = tag(2, DELIMITED);
const STRING_VALUE = tag(1, DELIMITED);
const BOOL_VALUE = tag(2, VARINT);
const INT_VALUE = tag(3, VARINT);
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
export function writeAttributes(writer: BinaryWriter, field: number, attributes: Attributes): void {
  for (const name in attributes) {
    const value = attributes[name] as string | number | boolean;
    writer.uint32(field).fork().uint32(KEY).string(name).uint32(VALUE).fork();
    if (typeof value === "string") writer.uint32(STRING_VALUE).string(value.toWellFormed());
    else if (typeof value === "number") writer.uint32(INT_VALUE).int64(value);
    else writer.uint32(BOOL_VALUE).bool(value);
    writer.join().join();
  }
}

/** Makes requests of items that are encoded already, each with its tag. */
export class OtlpEnvelope {
  readonly #resource: Uint8Array;
  readonly #scope: Uint8Array;

  constructor(resource: Attributes, scopeName: string) {
    const attributes = new BinaryWriter();
    writeAttributes(attributes, RESOURCE_ATTRIBUTES, resource);
    this.#resource = new BinaryWriter().uint32(RESOURCE).bytes(attributes.finish()).finish();
    const scope = new BinaryWriter().uint32(NAME).string(scopeName).finish();
    this.#scope = new BinaryWriter().uint32(SCOPE).bytes(scope).finish();
  }

  /** @param bytes of all items */
  around(items: readonly Uint8Array[], bytes: number): Buffer {
    const scopesHead = new BinaryWriter()
      .uint32(SCOPES)
      .uint32(this.#scope.length + bytes)
      .finish();
    const length = this.#resource.length + scopesHead.length + this.#scope.length + bytes;
    const head = new BinaryWriter().uint32(RESOURCES).uint32(length).finish();
    return Buffer.concat([head, this.#resource, scopesHead, this.#scope, ...items]);
  }
}
