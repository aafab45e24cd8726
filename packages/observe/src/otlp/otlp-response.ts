/** How many items a collector did not want: `partial_success` of the services' responses. */
import { BinaryReader } from "@bufbuild/protobuf/wire";

const PARTIAL_SUCCESS = 1;
const REJECTED = 1;

/** 0 as well for what cannot be read: the collector has taken the request. */
export function rejectedItems(response: Uint8Array): number {
  try {
    return fieldOf(response, PARTIAL_SUCCESS, (outer) =>
      fieldOf(outer.bytes(), REJECTED, (inner) => Number(inner.int64())),
    );
  } catch {
    return 0;
  }
}

function fieldOf(bytes: Uint8Array, field: number, read: (reader: BinaryReader) => number): number {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [found, type] = reader.tag();
    if (found === field) return read(reader);
    reader.skip(type, found);
  }
  return 0;
}
