/** A title as a file name that every system takes, and as a header that no title can break out of (RFC 6266). */

const CHARS_MAX = 100;
/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** `Orders: north/south` → `Orders north south`. Never empty, never hidden, never a path. */
export function safeFileName(title: string): string {
  const name = [...title.normalize("NFC").toWellFormed()]
    .map((c) => (/[\p{L}\p{N}\p{M} ._()-]/u.test(c) ? c : " "))
    .join("")
    .replace(/\s+/g, " ")
    .replace(/^[ .-]+|(?<![ .-])[ .-]+$/g, "");
  const short = [...name].slice(0, CHARS_MAX).join("").trim();
  if (short === "") return "api";
  return RESERVED.test(short) ? `${short} api` : short;
}

export function contentDisposition(title: string, extension: string): string {
  const name = `${safeFileName(title)}.${extension}`;
  const ascii =
    name
      .normalize("NFKD")
      .replace(/[^\x20-\x7e]/g, "")
      .replace(/["\\]/g, "") || `api.${extension}`;
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
