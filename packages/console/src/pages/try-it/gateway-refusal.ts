/** What the gateway says of a request to which it responded itself, and where in the console that is changed. Pure. */
import type { TriedResponse } from "./send-request.js";

export interface GatewayRefusal {
  /** Of the catalog: `key.unknown`. */
  readonly code: string;
  readonly detail: string;
}

/** Null: the response is no problem document (RFC 9457) of the gateway. */
export function gatewayRefusal({ fromGateway, body, isBinary }: TriedResponse): GatewayRefusal | null {
  if (!fromGateway || isBinary) return null;
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

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What is known of the request; null: nothing, or it was deleted. */
export interface RefusedRequest {
  readonly apiId: string | null;
  readonly key: Named | null;
  readonly integration: Named | null;
  /** Absent: not known. */
  readonly node?: Named;
}

/** Of keys that no key is known by. */
const withoutKey: ReadonlySet<string> = new Set(["key.missing", "key.unknown"]);

/** The page that shows why; null: none does. */
export function refusalLink(code: string, request: RefusedRequest): RefusalLink | null {
  const { apiId, key, integration, node } = request;
  const [noun = ""] = code.split(".");
  if (noun === "upstream" || noun === "integration" || noun === "credential")
    return integration === null
      ? { to: "/integrations", label: "Integrations" }
      : { to: `/integrations/${integration.id}`, label: `Integration ${integration.name}` };
  if (noun === "gateway")
    return node === undefined
      ? { to: "/nodes", label: "Nodes" }
      : { to: `/nodes?node=${node.id}`, label: `Node ${node.name}` };
  if (apiId === null) return null;
  if (noun === "key")
    return key === null || withoutKey.has(code)
      ? { to: `/apis/${apiId}/keys`, label: "Keys of this API" }
      : { to: `/apis/${apiId}/keys/${key.id}`, label: `Key ${key.name}` };
  if (noun === "token" || noun === "api") return { to: `/apis/${apiId}`, label: "Options of this API" };
  if (noun === "route" || code === "request.schema_mismatch" || code === "request.media_type_unsupported")
    return { to: `/apis/${apiId}`, label: "Routes of this API" };
  return null;
}
