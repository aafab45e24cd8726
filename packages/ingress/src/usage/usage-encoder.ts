/**
 * Rows of counts as the `counts` of an encoded UsageBatch, field by field: the generated encoder wants an object with
 * fourteen BigInts for each row, and made a node with ten thousand busy keys stand still for a tenth of a second each second.
 */
import { BinaryWriter } from "@latchkey/proto";
import { codeOf, statusOf, usesPreviousSecret } from "./outcome.js";
import { COLUMNS, COUNT, FIRST_BUCKET, REQUEST_BYTES, RESPONSE_BYTES, type UsageRows } from "./usage-rows.js";

const VARINT = 0;
const DELIMITED = 2;
/** Field 3 of UsageBatch, and the fields of UsageCount (usage.proto). */
const COUNTS = (3 << 3) | DELIMITED;
const API_ID = (1 << 3) | DELIMITED;
const ROUTE_ID = (2 << 3) | DELIMITED;
const KEY_ID = (3 << 3) | DELIMITED;
const INTEGRATION_ID = (4 << 3) | DELIMITED;
const STATUS = (5 << 3) | VARINT;
const REQUESTS = (6 << 3) | VARINT;
const BYTES_IN = (7 << 3) | VARINT;
const BYTES_OUT = (8 << 3) | VARINT;
const LATENCIES = (9 << 3) | DELIMITED;
const ERROR_CODE = (10 << 3) | DELIMITED;
const PREVIOUS_SECRET = (11 << 3) | VARINT;

const UINT32_MAX = 0xffff_ffff;

/** Fields of a message may come in pieces: the result can follow another part of its UsageBatch. */
export function encodeCounts(rows: UsageRows, from: number, to: number): Uint8Array {
  const writer = new BinaryWriter();
  for (let row = from; row < to; row++) {
    const key = rows.key(row);
    const route = rows.route(row);
    const outcome = rows.outcome(row);
    writer.uint32(COUNTS).fork();
    text(writer, API_ID, key.api.id);
    text(writer, ROUTE_ID, route === null ? "" : route.id);
    text(writer, KEY_ID, key.id);
    text(writer, INTEGRATION_ID, route === null ? "" : route.integration.id);
    number(writer, STATUS, statusOf(outcome));
    number(writer, REQUESTS, rows.number(row, COUNT));
    number(writer, BYTES_IN, rows.number(row, REQUEST_BYTES));
    number(writer, BYTES_OUT, rows.number(row, RESPONSE_BYTES));
    writer.uint32(LATENCIES).fork();
    for (let column = FIRST_BUCKET; column < COLUMNS; column++) varint(writer, rows.number(row, column));
    writer.join();
    text(writer, ERROR_CODE, codeOf(outcome));
    if (usesPreviousSecret(outcome)) writer.uint32(PREVIOUS_SECRET).bool(true);
    writer.join();
  }
  return writer.finish();
}

/** An empty text is the default and leaves no bytes; likewise zero. */
function text(writer: BinaryWriter, tag: number, value: string): void {
  if (value !== "") writer.uint32(tag).string(value);
}

function number(writer: BinaryWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.uint32(tag);
  varint(writer, value);
}

/** @param value a whole number below 2^53 */
function varint(writer: BinaryWriter, value: number): void {
  if (value <= UINT32_MAX) writer.uint32(value);
  else writer.uint64(value);
}
