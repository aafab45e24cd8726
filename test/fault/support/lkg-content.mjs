// What revision n of the last-known-good tests holds, and its digest by another computation than the product's.
import { createHash } from "node:crypto";
import { encodeResource } from "@latchkey/snapshot";
import { anApi } from "@latchkey/testkit";

export const EPOCH = 7;
const APIS = 40;

/** The API that revision n changes. */
export function recordAt(number) {
  return apiRecord(number % APIS, number);
}

/** Everything at revision n: each API as the last revision that changed it left it. */
export function contentAt(number) {
  const records = [];
  for (let i = 0; i < APIS; i++) {
    const changedAt = number - ((number - i) % APIS);
    records.push(apiRecord(i, changedAt > 0 && changedAt <= number ? changedAt : 0));
  }
  return records;
}

/** Hex, little-endian: the sum of the resources' SHA-256 modulo 2^256. */
export function digestAt(number) {
  let sum = 0n;
  for (const { kind, id, body } of contentAt(number)) {
    const hash = createHash("sha256").update(`${kind}\0${id}\0`).update(body).digest().reverse();
    sum += BigInt(`0x${hash.toString("hex")}`);
  }
  const hex = (sum % (1n << 256n)).toString(16).padStart(64, "0");
  return Buffer.from(hex, "hex").reverse().toString("hex");
}

function apiRecord(i, number) {
  return encodeResource(anApi(`api_${i}`, [], { title: `title of revision ${number} ${"x".repeat(400)}` }));
}
