/** The headers that `Connection` names belong to one hop, in either direction (RFC 9110 §7.6.1). */

/** The usual values name no header. */
export function isPlainConnection(value: string): boolean {
  return value === "keep-alive" || value === "close" || value === "Keep-Alive" || value === "Close";
}

/** The options of a `Connection` value, in lower case. */
export function connectionOptions(connection: string): ReadonlySet<string> {
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
}

/** Takes out the headers that connection options name. Changes the flat list in place. */
export function dropNamed(headers: string[], options: ReadonlySet<string>): void {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (options.has(headers[i] as string)) continue;
    headers[kept] = headers[i] as string;
    headers[kept + 1] = headers[i + 1] as string;
    kept += 2;
  }
  headers.length = kept;
}
