/** The address of an operation in the reader: `?view=openapi&operation=GET /orders/{id}`. */
import type { ListedOperation } from "./list-operations.js";

export const OPERATION_PARAM = "operation";

export function operationName({ method, path }: ListedOperation): string {
  return `${method} ${path}`;
}

/** With the host, to give to others. */
export function operationLink(listed: ListedOperation): string {
  const params = new URLSearchParams({ view: "openapi", [OPERATION_PARAM]: operationName(listed) });
  return `${window.location.origin}${window.location.pathname}?${params}`;
}
