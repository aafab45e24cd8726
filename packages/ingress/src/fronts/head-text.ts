/** Lines of a response's head as one text, for engines that take raw bytes. Trusts its caller with the values. */

/** `200 OK\r\nname: value\r\nname: value`, without the last line end. */
export function headText(status: number, statusText: string, headers: readonly string[]): string {
  let text = statusText === "" ? `${status} ` : `${status} ${statusText}`;
  for (let i = 0; i < headers.length; i += 2) text += `\r\n${headers[i]}: ${headers[i + 1]}`;
  return text;
}
