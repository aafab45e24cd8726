/** The id of one message: the client's own if it is a plain token, else a new UUID. Never an API key. */
import { hideApiKeys } from "@latchkey/core";
import type { Uuids } from "./uuids.js";

/** The header of the id, in requests to integrations and in every response. */
export const INTERCHANGE_ID = "InterchangeId";

const CHARS_MAX = 128;

/** Letters, digits and `-._:`; at most 128: fit for a header, a log line and JSON without escapes. No key is in it. */
function isInterchangeId(text: string): boolean {
  if (text.length === 0 || text.length > CHARS_MAX) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPlain =
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x30 && code <= 0x3a) || // digits and ":"
      (code >= 0x41 && code <= 0x5a) ||
      code === 0x2d ||
      code === 0x2e ||
      code === 0x5f;
    if (!isPlain) return false;
  }
  return hideApiKeys(text) === text;
}

export function interchangeIdOf(presented: string | null, uuids: Uuids): string {
  return presented !== null && isInterchangeId(presented) ? presented : uuids.next();
}
