/** How a document says that a key is needed, and where it may stand. Holds names only, never a key. */
import type { JsonObject, MutableJsonObject } from "./json.js";
import { type ApiModel, keyHeaderOf, WEBHOOK_FLAG } from "./read-model.js";

export type SecurityModel = Pick<ApiModel, "keyHeaderName" | "webhook" | "bearerRequired">;

export const KEY_SCHEME = "apiKey";
const BEARER_SCHEME = "bearer";
const FLAG_SCHEME = "webhookFlagHeader";
const QUERY_KEY_SCHEME = "webhookKey";
const QUERY_FLAG_SCHEME = "webhookFlag";

export function securitySchemesOf(model: SecurityModel): JsonObject {
  const name = keyHeaderOf(model);
  const schemes: MutableJsonObject = {
    [KEY_SCHEME]: {
      type: "apiKey",
      description: "The API key, which also says which API a request belongs to.",
      name,
      in: "header",
    },
  };
  if (model.bearerRequired === true)
    schemes[BEARER_SCHEME] = {
      type: "http",
      description: "A token of the issuer that the API trusts, beside the key.",
      scheme: "bearer",
      bearerFormat: "JWT",
    };
  if (!model.webhook) return schemes;
  const flag = {
    type: "apiKey",
    description: "Always `true`: the request is a webhook. No secret.",
    name: WEBHOOK_FLAG,
  };
  return {
    ...schemes,
    ...(model.bearerRequired === true ? { [FLAG_SCHEME]: { ...flag, in: "header" } } : {}),
    [QUERY_KEY_SCHEME]: {
      type: "apiKey",
      description: "A key in WEBHOOK mode, for senders that cannot set headers. Needs the flag beside it.",
      name,
      in: "query",
    },
    [QUERY_FLAG_SCHEME]: { ...flag, in: "query" },
  };
}

/**
 * The key in its header, or, with a key in WEBHOOK mode, key and flag together by query. A bearer token is demanded beside
 * the key in its header; a webhook's sender has none, and says by the flag that it is one.
 */
export function securityOf({ webhook, bearerRequired }: SecurityModel): readonly JsonObject[] {
  const header: JsonObject = {
    [KEY_SCHEME]: [],
    ...(bearerRequired === true ? { [BEARER_SCHEME]: [] } : {}),
  };
  if (!webhook) return [header];
  const query: JsonObject = { [QUERY_KEY_SCHEME]: [], [QUERY_FLAG_SCHEME]: [] };
  return bearerRequired === true ? [header, { [KEY_SCHEME]: [], [FLAG_SCHEME]: [] }, query] : [header, query];
}
