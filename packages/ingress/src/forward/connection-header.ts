/** HOT. The headers that `Connection` names belong to one hop, in either direction (RFC 9110 §7.6.1). */

/** The usual values name no header. */
export function isPlainConnection(value: string): boolean {
  return value === "keep-alive" || value === "close" || value === "Keep-Alive" || value === "Close";
}

/** Takes out the headers that `Connection` names (RFC 9110 §7.6.1). Changes the flat list in place. */
export function dropNamed(headers: string[], connection: string): void {
  const names = new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (names.has(headers[i] as string)) continue;
    headers[kept] = headers[i] as string;
    headers[kept + 1] = headers[i + 1] as string;
    kept += 2;
  }
  headers.length = kept;
}
