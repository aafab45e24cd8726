/**
 * The value of the first header of a name; null: there is none.
 * @param headers flat, names in lower case
 */
export function headerValue(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1] as string;
  return null;
}
