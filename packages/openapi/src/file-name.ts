/** File names for downloads: safe on every system, recognisable to people. Touches no file. */
import { truncate, wellFormed } from "./json.js";

const STEM_CHARS_MAX = 100;

/** Names that Windows gives to devices, whatever follows the first dot. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * The title as the stem of a file name: no separators, control or direction characters, nothing hidden,
 * no device name, at most 100 characters. `openapi` when nothing is left.
 */
export function safeFileName(title: string): string {
  const plain = wellFormed(title)
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[/\\:*?"<>|%\ufffd]+/g, "-")
    .replace(/\s+/gu, " ");
  const stem = truncate(plain, STEM_CHARS_MAX).replace(/^[\s.-]+|(?<![\s.-])[\s.-]+$/gu, "");
  if (stem === "") return "openapi";
  return RESERVED.test(stem) ? `api-${stem}` : stem;
}

/** The value of `Content-Disposition` for a download (RFC 6266): ASCII for old clients, UTF-8 for the others. */
export function contentDisposition(title: string, extension: string): string {
  const name = `${safeFileName(title)}.${extension}`;
  const ascii = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\x20-\x7e]/g, "_")
    .replace(/["\\]/g, "_");
  const plain = `attachment; filename="${ascii}"`;
  if (ascii === name) return plain;
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${plain}; filename*=UTF-8''${encoded}`;
}
