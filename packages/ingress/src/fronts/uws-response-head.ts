/** The head of a response as uWebSockets.js takes it: the status line without its version, and the header lines without framing. */
import { headText } from "./head-text.js";

/** @param contentLength -1: the library writes the framing */
export function uwsResponseHead(
  status: number,
  statusText: string,
  headers: readonly string[],
  contentLength: number,
): Uint8Array {
  const text = headText(status, statusText, withoutDate(headers));
  return Buffer.from(contentLength >= 0 ? `${text}\r\nContent-Length: ${contentLength}` : text, "latin1");
}

/** The library writes `Date` itself, so an upstream's own would be a second one. */
function withoutDate(headers: readonly string[]): readonly string[] {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== "date") continue;
    const rest = headers.slice();
    rest.splice(i, 2);
    return rest;
  }
  return headers;
}
