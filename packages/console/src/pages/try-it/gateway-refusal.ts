/** What the gateway says of a request that it refused itself. Pure. */
import type { Answer } from "./send-request.js";

export interface GatewayRefusal {
  /** Of the catalog: `auth.key_unknown`. */
  readonly code: string;
  readonly detail: string;
}

/** Null: the response is no problem document (RFC 9457) of the gateway. */
export function gatewayRefusal({ matched, body, isBinary }: Answer): GatewayRefusal | null {
  if (matched !== null || isBinary) return null;
  try {
    const { code, detail, title } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    if (typeof code !== "string") return null;
    return { code, detail: typeof detail === "string" ? detail : typeof title === "string" ? title : "" };
  } catch {
    return null;
  }
}
