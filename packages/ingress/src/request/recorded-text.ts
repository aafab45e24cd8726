/**
 * Masks what is recorded of a request: headers, parameters of queries, and members of JSON and forms with the names of secrets,
 * what the API's owner named, and every secret of this request wherever it appears again. Part by part: what one shows to be
 * secret is masked in those that follow. A body that cannot be masked is left out.
 */
import { hideApiKeys, MASKED, type MaskPath, maskJson } from "@latchkey/core";

const HEADERS_MAX = 100;
const VALUE_CHARS_MAX = 500;
const TARGET_CHARS_MAX = 500;
/** A shorter secret would mask half of a text. */
const SECRET_CHARS_MIN = 6;
/** Each is looked for in 16 KiB of text. A client that sends thousands of cookies would hold the thread for 0.2 s. */
const SECRETS_MAX = 100;

const SECRET_NAME =
  /auth|cookie|credential|jwt|key|passw|passphrase|secret|session|signature|token|cvv|^pin$/i;
/** Their values are URLs, whose queries may have secrets. */
const URL_HEADERS: ReadonlySet<string> = new Set([
  "referer",
  "location",
  "content-location",
  "link",
  "refresh",
  "x-forwarded-path",
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
  /** In lower case: of headers and query parameters that are secret whatever they are called. */
  readonly #names: Set<string>;

  /** @param keyHeader in lower case */
  constructor(keyHeader: string) {
    this.#names = new Set([keyHeader]);
  }

  isSecret(name: string): boolean {
    return isSecretName(name) || this.#names.has(name.toLowerCase());
  }

  /** The values of headers with secret names. @param headers flat */
  addHeaders(headers: readonly string[]): void {
    for (let i = 0; i < headers.length; i += 2)
      if (this.isSecret(headers[i] ?? "")) this.addValue(headers[i + 1] ?? "");
  }

  /** Headers of credentials: all their values are secret. @param headers flat */
  addCredentialHeaders(headers: readonly string[]): void {
    for (let i = 0; i < headers.length; i += 2) {
      this.#names.add((headers[i] ?? "").toLowerCase());
      this.addValue(headers[i + 1] ?? "");
    }
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

  /** Query parameters of credentials: all their values are secret. */
  addCredentialQuery(query: string): void {
    for (const name of new URLSearchParams(query).keys()) this.#names.add(name.toLowerCase());
    this.addParameters(query);
  }

  /** The values of parameters with secret names, decoded and as they are in the text. @param text a query, or a form */
  addParameters(text: string): void {
    for (const pair of text.split("&")) {
      const [[name = "", value = ""] = []] = new URLSearchParams(pair);
      if (!this.isSecret(name)) continue;
      this.add(value);
      this.add(pair.slice(pair.indexOf("=") + 1));
    }
  }

  add(secret: string): void {
    if (secret.length >= SECRET_CHARS_MIN) this.#secrets.add(secret);
  }

  /** More than can be looked for: nothing is known of a text then. */
  get areTooMany(): boolean {
    return this.#secrets.size > SECRETS_MAX;
  }

  /** The text without them, and without API keys. Masked as a whole when they are too many. */
  hide(text: string): string {
    if (this.areTooMany) return MASKED;
    if (text.length < SECRET_CHARS_MIN) return text;
    let hidden = hideApiKeys(text);
    const found: string[] = [];
    for (const secret of this.#secrets) if (hidden.includes(secret)) found.push(secret);
    found.sort((a, b) => b.length - a.length); // a shorter one may be a part of a longer one
    for (const secret of found) hidden = hidden.replaceAll(secret, MASKED);
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
      secrets.isSecret(name) ? MASKED : plainValue(name, value, secrets),
    );
  }
  return masked;
}

function plainValue(name: string, value: string, secrets: RequestSecrets): string {
  const text = URL_HEADERS.has(name) ? value.replace(/\?[^\s>"]*/g, `?${MASKED}`) : value;
  return secrets.hide(text).slice(0, VALUE_CHARS_MAX);
}

/**
 * Path and query of a request. A value of the query is masked as a member of JSON with its name is; with paths of JSON all are,
 * since what the paths name may be among them.
 */
export function maskedTarget(target: string, mask: readonly MaskPath[], secrets: RequestSecrets): string {
  const mark = target.indexOf("?");
  if (mark < 0) return secrets.hide(target).slice(0, TARGET_CHARS_MAX);
  const query: string[] = [];
  let chars = mark;
  for (const pair of target.slice(mark + 1).split("&")) {
    // The rest is cut off.
    if (chars > TARGET_CHARS_MAX) break;
    const masked = maskedParameter(pair, mask.length > 0, secrets);
    query.push(masked);
    chars += masked.length + 1;
  }
  return `${secrets.hide(target.slice(0, mark))}?${query.join("&")}`.slice(0, TARGET_CHARS_MAX);
}

function maskedParameter(pair: string, isWhole: boolean, secrets: RequestSecrets): string {
  const equals = pair.indexOf("=");
  const [[name = "", value = ""] = []] = new URLSearchParams(pair);
  if (isWhole || secrets.isSecret(name) || secrets.hide(value) !== value)
    return `${secrets.hide(equals < 0 ? "" : pair.slice(0, equals))}=${MASKED}`;
  return secrets.hide(pair);
}

/** @returns null: it is no text, or cannot be masked, also because the request has too many secrets */
export function maskedBody(
  bytes: Buffer,
  headers: readonly string[],
  isTruncated: boolean,
  { mask, secrets }: { readonly mask: readonly MaskPath[]; readonly secrets: RequestSecrets },
): string | null {
  if (secrets.areTooMany) return null;
  if (headerOf(headers, "content-encoding").replace(/^identity$/i, "") !== "") return null;
  const [media = ""] = headerOf(headers, "content-type").split(";", 1);
  const type = media.trim().toLowerCase();
  if (JSON_TYPE.test(type)) return isTruncated ? null : maskedJson(bytes.toString(), mask, secrets);
  // Paths lead into JSON: what they name may be in any other text.
  if (mask.length > 0) return null;
  if (type === FORM_TYPE) return maskedForm(bytes.toString(), secrets);
  return TEXT_TYPE.test(type) ? secrets.hide(bytes.toString()) : null;
}

function maskedJson(text: string, mask: readonly MaskPath[], secrets: RequestSecrets): string | null {
  try {
    const value = JSON.parse(text, (name, member: unknown) => {
      if (name !== "" && isSecretName(name)) {
        if (typeof member === "string" || typeof member === "number") secrets.add(String(member));
        return MASKED;
      }
      return typeof member === "string" ? secrets.hide(member) : member;
    }) as unknown;
    return wholeOrNull(secrets.hide(JSON.stringify(maskJson(value, mask))), secrets);
  } catch {
    // Not JSON, or nested more deeply than the stack allows.
    return null;
  }
}

function maskedForm(text: string, secrets: RequestSecrets): string | null {
  secrets.addParameters(text);
  const pairs = text.split("&").map((pair) => maskedParameter(pair, false, secrets));
  return wholeOrNull(secrets.hide(pairs.join("&")), secrets);
}

/** The body itself may have had too many secrets. */
function wholeOrNull(text: string, secrets: RequestSecrets): string | null {
  return secrets.areTooMany ? null : text;
}

function headerOf(headers: readonly string[], name: string): string {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === name) return (headers[i + 1] ?? "").trim();
  return "";
}
