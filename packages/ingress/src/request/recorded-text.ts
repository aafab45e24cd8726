/**
 * Masks what is recorded of a request: headers and members of JSON and forms with the names of secrets, what the API's owner
 * named, and every secret of this request wherever it appears again. A body that cannot be masked is left out.
 */
import { hideApiKeys, MASKED, type MaskPath, maskJson } from "@latchkey/core";

const HEADERS_MAX = 100;
const VALUE_CHARS_MAX = 500;
/** A shorter secret would mask half of a text. */
const SECRET_CHARS_MIN = 6;

const SECRET_NAME =
  /auth|cookie|credential|jwt|key|passw|passphrase|secret|session|signature|token|cvv|^pin$/i;
/** Their values are URLs, whose queries may have secrets. */
const URL_HEADERS: ReadonlySet<string> = new Set([
  "referer",
  "location",
  "content-location",
  "link",
  "refresh",
]);

const JSON_TYPE = /[/+]json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";
const TEXT_TYPE = /^text\/|[/+]xml$|^application\/(?:graphql|javascript)$/;

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Secrets of one request, to be found again in texts. */
export class RequestSecrets {
  readonly #secrets = new Set<string>();
  readonly #keyHeader: string;

  /** @param keyHeader in lower case */
  constructor(keyHeader: string) {
    this.#keyHeader = keyHeader;
  }

  isSecretHeader(name: string): boolean {
    return isSecretName(name) || name.toLowerCase() === this.#keyHeader;
  }

  /** The values of headers with secret names. @param headers flat */
  addHeaders(headers: readonly string[]): void {
    for (let i = 0; i < headers.length; i += 2)
      if (this.isSecretHeader(headers[i] ?? "")) this.addValue(headers[i + 1] ?? "");
  }

  /** A header's value as a whole, and its parts: the token behind a scheme, a password, the values of cookies. */
  addValue(value: string): void {
    this.add(value);
    const space = value.indexOf(" ");
    if (space > 0) this.add(value.slice(space + 1));
    if (/^basic /i.test(value)) {
      const [, ...password] = Buffer.from(value.slice(6), "base64").toString().split(":");
      this.add(password.join(":"));
    }
    for (const part of value.split(/[;,]/)) {
      const equals = part.indexOf("=");
      if (equals >= 0)
        this.add(
          part
            .slice(equals + 1)
            .trim()
            .replace(/^"|"$/g, ""),
        );
    }
  }

  /** The values of a query's parameters. */
  addQuery(query: string): void {
    for (const value of new URLSearchParams(query).values()) this.add(value);
  }

  add(secret: string): void {
    if (secret.length >= SECRET_CHARS_MIN) this.#secrets.add(secret);
  }

  /** The text without them, and without API keys. */
  hide(text: string): string {
    let hidden = hideApiKeys(text);
    for (const secret of this.#secrets)
      if (hidden.includes(secret)) hidden = hidden.replaceAll(secret, MASKED);
    return hidden;
  }
}

/** @param headers flat */
export function maskedHeaders(headers: readonly string[], secrets: RequestSecrets): string[] {
  const masked: string[] = [];
  for (let i = 0; i < headers.length && i < 2 * HEADERS_MAX; i += 2) {
    const name = (headers[i] ?? "").toLowerCase();
    const value = headers[i + 1] ?? "";
    masked.push(
      name.slice(0, VALUE_CHARS_MAX),
      secrets.isSecretHeader(name) ? MASKED : plainValue(name, value, secrets),
    );
  }
  return masked;
}

function plainValue(name: string, value: string, secrets: RequestSecrets): string {
  const text = URL_HEADERS.has(name) ? value.replace(/\?[^\s>"]*/g, `?${MASKED}`) : value;
  return secrets.hide(text).slice(0, VALUE_CHARS_MAX);
}

/** @returns null: it is no text, or cannot be masked */
export function maskedBody(
  bytes: Buffer,
  headers: readonly string[],
  isTruncated: boolean,
  { mask, secrets }: { readonly mask: readonly MaskPath[]; readonly secrets: RequestSecrets },
): string | null {
  if (headerOf(headers, "content-encoding").replace(/^identity$/i, "") !== "") return null;
  const [media = ""] = headerOf(headers, "content-type").split(";", 1);
  const type = media.trim().toLowerCase();
  if (JSON_TYPE.test(type)) return isTruncated ? null : maskedJson(bytes.toString(), mask, secrets);
  // Paths lead into JSON: what they name may be in any other text.
  if (mask.length > 0) return null;
  if (type === FORM_TYPE) return secrets.hide(maskedForm(bytes.toString()));
  return TEXT_TYPE.test(type) ? secrets.hide(bytes.toString()) : null;
}

function maskedJson(text: string, mask: readonly MaskPath[], secrets: RequestSecrets): string | null {
  try {
    const value = JSON.parse(text, (name, member: unknown) => {
      if (name !== "" && isSecretName(name)) return MASKED;
      return typeof member === "string" ? secrets.hide(member) : member;
    }) as unknown;
    return secrets.hide(JSON.stringify(maskJson(value, mask)));
  } catch {
    // Not JSON, or nested more deeply than the stack allows.
    return null;
  }
}

function maskedForm(text: string): string {
  return text
    .split("&")
    .map((pair) => {
      const [name = ""] = pair.split("=", 1);
      return isSecretName(name) ? `${name}=${MASKED}` : pair;
    })
    .join("&");
}

function headerOf(headers: readonly string[], name: string): string {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === name) return (headers[i + 1] ?? "").trim();
  return "";
}
