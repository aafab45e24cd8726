/** `name=value,…` with percent-encoded values, as OpenTelemetry's variables have them. Null: the text is no such list. */
export function parsePairs(text: string): Readonly<Record<string, string>> | null {
  const pairs: Record<string, string> = {};
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const [, name, value] = /^\s*([\w.-]{1,128})\s*=(.*)$/s.exec(part) ?? [];
    const decoded = value === undefined ? null : decode(value.trim());
    if (name === undefined || decoded === null) return null;
    pairs[name] = decoded;
  }
  return pairs;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
