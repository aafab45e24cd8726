/**
 * A URL, or null where the text is none. Not `URL.canParse`: once that is compiled, Node.js 20 reads letters such as "ü" as broken
 * UTF-8, refuses URLs that are right, and lets some pass at which `new URL` throws.
 */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
