/** A request against its route's schema: its head at once, its body when it is whole. Only for routes that ask for it. */
import type { RequestHead as CheckedHead, RequestRefusal, RequestValidator } from "@latchkey/validation";
import type { Exchange } from "../http/exchange.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { RequestScan } from "./request-scan.js";

/** The head as the validator wants it. */
export function checkedHead(
  exchange: Exchange,
  scan: RequestScan,
  query: string,
  route: CompiledRoute,
  parameterValues: readonly string[],
): CheckedHead {
  return {
    method: exchange.head.method,
    contentType: scan.contentType,
    contentEncoding: scan.contentEncoding,
    query,
    path: parameterValues.map((text, i) => [route.path.parameterNames[i] ?? "", text] as const),
    hasBody: exchange.head.bodyLength !== 0,
  };
}

export interface BodyCheck {
  readonly validator: RequestValidator;
  readonly head: CheckedHead;
}

/**
 * A refusal; or a check that waits for the body; or null: go on. The content type comes first, since nothing can be
 * said of a body that nobody reads; `unusable` when a schema is no schema.
 */
export function startCheck(
  body: RequestValidator | "unusable",
  parameters: RequestValidator | "unusable" | null,
  head: CheckedHead,
): RequestRefusal | BodyCheck | "unusable" | null {
  if (body === "unusable" || parameters === "unusable") return "unusable";
  const refusal = body.checkHead(head) ?? parameters?.checkHead(head) ?? null;
  if (refusal !== null) return refusal;
  return body.needsBody(head) ? { validator: body, head } : null;
}

export function isRefusal(check: RequestRefusal | BodyCheck): check is RequestRefusal {
  return "code" in check;
}
