// The API key in the text of a row. Every row has a key of its own when it runs; rows are written before it exists,
// so they hold a stand-in of the same length, and lengths counted over it stay right.
import { API_KEY_LENGTH } from "@latchkey/core";

/** Stands for the row's key. */
export const KEY = "lk_{row-key}".padEnd(API_KEY_LENGTH, "~");

/** Stands for the header line with the row's key. */
export const AUTH = `Connxio-Api-Key: ${KEY}`;

export function withKey(text: string, key: string): string {
  return text.replaceAll(KEY, key);
}
