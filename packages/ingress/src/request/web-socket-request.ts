/** Whether a request asks for a WebSocket (RFC 6455, section 4.2.1). What else it must have is for the target to check. */
import type { RequestHead } from "../fronts/front-request.js";

export function asksForWebSocket({ method, fields, bodyLength }: RequestHead): boolean {
  if (method !== "GET" || bodyLength !== 0) return false;
  return lists(fields, "upgrade", "websocket") && lists(fields, "connection", "upgrade");
}

/** @param fields flat, names in lower case */
function lists(fields: readonly string[], name: string, wanted: string): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue;
    const values = (fields[i + 1] as string).toLowerCase().split(",");
    if (values.some((value) => value.trim() === wanted)) return true;
  }
  return false;
}
