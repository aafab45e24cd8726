/** What the gateway says of a request that it refused itself, and where in the console that is changed. Pure. */
import type { TriedResponse } from "./send-request.js";

export interface GatewayRefusal {
  /** Of the catalog: `key.unknown`. */
  readonly code: string;
  readonly detail: string;
}

/** Null: the response is no problem document (RFC 9457) of the gateway. */
export function gatewayRefusal({ matched, body, isBinary }: TriedResponse): GatewayRefusal | null {
  if (matched !== null || isBinary) return null;
  try {
    const { code, detail, title } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    if (typeof code !== "string") return null;
    return { code, detail: typeof detail === "string" ? detail : typeof title === "string" ? title : "" };
  } catch {
    return null;
  }
}

export interface RefusalLink {
  readonly to: string;
  readonly label: string;
}

/**
 * The page that shows why; null: none does.
 * @param apiId null: the key is not known, so no page of an API does
 */
export function refusalLink(code: string, apiId: string | null): RefusalLink | null {
  const [noun = ""] = code.split(".");
  if (noun === "upstream" || noun === "integration") return { to: "/integrations", label: "Integrations" };
  if (noun === "gateway") return { to: "/nodes", label: "Nodes" };
  if (apiId === null) return null;
  if (noun === "key") return { to: `/apis/${apiId}/keys`, label: "Keys of this API" };
  if (noun === "token") return { to: `/apis/${apiId}`, label: "Options of this API" };
  if (noun === "route" || code === "request.schema_mismatch" || code === "request.media_type_unsupported")
    return { to: `/apis/${apiId}`, label: "Routes of this API" };
  return null;
}
