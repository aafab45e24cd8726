/** How a document says that a key is needed, and where it may stand. Holds names only, never a key. */
import type { JsonObject } from "./json.js";
import { WEBHOOK_FLAG } from "./read-model.js";

export const KEY_SCHEME = "apiKey";
const WEBHOOK_KEY_SCHEME = "webhookKey";
const WEBHOOK_FLAG_SCHEME = "webhookFlag";

export function securitySchemesOf(keyHeader: string, webhook: boolean): JsonObject {
  const key = {
    [KEY_SCHEME]: {
      type: "apiKey",
      description: "The API key, which also says which API a request belongs to.",
      name: keyHeader,
      in: "header",
    },
  };
  if (!webhook) return key;
  return {
    ...key,
    [WEBHOOK_KEY_SCHEME]: {
      type: "apiKey",
      description:
        "For senders that cannot set headers: the key, if its mode is WEBHOOK. Needs the flag beside it.",
      name: keyHeader,
      in: "query",
    },
    [WEBHOOK_FLAG_SCHEME]: {
      type: "apiKey",
      description: "Always `true`: says that the key stands in the query. No secret.",
      name: WEBHOOK_FLAG,
      in: "query",
    },
  };
}

/** Either the header, or key and flag together by query. */
export function securityOf(webhook: boolean): readonly JsonObject[] {
  const header = { [KEY_SCHEME]: [] };
  return webhook ? [header, { [WEBHOOK_KEY_SCHEME]: [], [WEBHOOK_FLAG_SCHEME]: [] }] : [header];
}
