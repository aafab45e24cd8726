/**
 * The form of an API key: `lk_` + 256 random bits in base62 (43 characters) + 6 characters of checksum.
 * A typo is refused by form before any look-up. Never logs or stores a secret.
 */
import { createHash, randomBytes } from "node:crypto";

export const API_KEY_PREFIX = "lk_";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY_CHARS = 43; // ceil(256 / log2(62))
const CHECKSUM_CHARS = 6; // 62^6 ≈ 2^35.7: a typo passes once in 57 thousand million
/** Length of a whole key in characters. */
export const API_KEY_LENGTH = API_KEY_PREFIX.length + BODY_CHARS + CHECKSUM_CHARS;
/** Characters kept for display: prefix and the first six of the body (36 of 256 bits). */
const DISPLAY_CHARS = API_KEY_PREFIX.length + 6;

function base62(value: bigint, width: number): string {
  let rest = value;
  let out = "";
  for (let i = 0; i < width; i++) {
    out = ALPHABET[Number(rest % 62n)] + out;
    rest /= 62n;
  }
  return out;
}

function checksumOf(body: string): string {
  const hash = createHash("sha256").update(`latchkey-key-checksum:${body}`, "latin1").digest();
  return base62(BigInt(hash.readUIntBE(0, 6)), CHECKSUM_CHARS);
}

/** A new secret from the system's random source. */
export function generateApiKey(): string {
  const body = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), BODY_CHARS);
  return API_KEY_PREFIX + body + checksumOf(body);
}

/** True when `text` has the form of a key and its checksum holds. Says nothing of whether the key exists. */
export function isApiKeyForm(text: string): boolean {
  if (text.length !== API_KEY_LENGTH || !text.startsWith(API_KEY_PREFIX)) return false;
  for (let i = API_KEY_PREFIX.length; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const alphanumeric = (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
    if (!alphanumeric) return false;
  }
  const cut = API_KEY_PREFIX.length + BODY_CHARS;
  return checksumOf(text.slice(API_KEY_PREFIX.length, cut)) === text.slice(cut);
}

/** What may be shown after the first time: `lk_4fZ9aQ…`. */
export function apiKeyDisplay(secret: string): string {
  return `${secret.slice(0, DISPLAY_CHARS)}…`;
}

const KEY_IN_TEXT = /lk_[0-9A-Za-z]{49}/g;
/** The same where characters may be percent-encoded, and the `%` of that again. */
const ENCODED_KEY_IN_TEXT =
  /(?:l|%(?:25)*6[Cc])(?:k|%(?:25)*6[Bb])(?:_|%(?:25)*5[Ff])(?:[0-9A-Za-z]|%(?:25)*(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])){49}/g;
const ENCODED_PERCENT = /%(?:25)+/g;
const ENCODED = /(?:%[0-9A-Fa-f]{2})+/g;
/** Nobody decodes a text more often. */
const DECODINGS_MAX = 5;

/**
 * `hide` of the text, and of the text percent-decoded until that changes nothing: shown decoded where only that shows what
 * `hide` hides.
 */
export function hideInEncoded(text: string, hide: (layer: string) => string): string {
  let shown = hide(text);
  let decoded = shown;
  for (let i = 0; i < DECODINGS_MAX && decoded.includes("%"); i++) {
    const next = percentDecoded(decoded);
    if (next === decoded) break;
    decoded = hide(next);
    if (decoded !== next) shown = decoded;
  }
  return shown;
}

/**
 * The text with each key in it as it may be shown: a client that puts its key into a path makes it part of logs. A text whose
 * key appears only when hexadecimal digits are decoded, too (`%25%36%63`), is shown decoded.
 */
export function hideApiKeys(text: string): string {
  if (!text.includes("%")) return hidePlainKeys(text);
  const shown = text.replace(ENCODED_KEY_IN_TEXT, (found) =>
    apiKeyDisplay(percentDecoded(found.replace(/%(?:25)*/g, "%"))),
  );
  return hideInEncoded(shown, hidePlainKeys);
}

function hidePlainKeys(text: string): string {
  return text.includes(API_KEY_PREFIX) ? text.replace(KEY_IN_TEXT, apiKeyDisplay) : text;
}

/** As UTF-8. What is no encoding stays as it is. */
function percentDecoded(text: string): string {
  // At once where the percent sign itself was encoded, without a call for each: 16 KiB of `%25252525` took 9 ms.
  return text
    .replace(ENCODED_PERCENT, "%")
    .replace(ENCODED, (found) => Buffer.from(found.replaceAll("%", ""), "hex").toString());
}
