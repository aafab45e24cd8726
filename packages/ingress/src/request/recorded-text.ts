/**
 * Masks what is recorded of a request: headers, parameters of queries and fields of forms with the names of secrets, and every
 * secret of this request wherever it appears again, in whichever part.
 */
import { hideApiKeys, hideInEncoded, MASKED } from "@latchkey/core";
import { isSecretName, maskNested } from "./recorded-json.js";

const HEADERS_MAX = 100;
const VALUE_CHARS_MAX = 500;
const TARGET_CHARS_MAX = 500;
/** A shorter secret would mask half of a text. */
const SECRET_CHARS_MIN = 6;
/** A client may send thousands of cookies, and a pattern of them all takes time. */
const SECRETS_MAX = 100;
/** Texts of JSON within other texts. Each that cannot be read costs an exception: a thousand of them took 11 ms. */
const NESTED_MAX = 100;

/** Their values are URLs, whose queries may have secrets. */
const URL_HEADERS: ReadonlySet<string> = new Set([
  "referer",
  "location",
  "content-location",
  "link",
  "refresh",
  "x-forwarded-path",
]);

/** Secrets of one request, to be found again in texts. */
export class RequestSecrets {
  readonly #secrets = new Set<string>();
  #nestedLeft = NESTED_MAX;
  /** Of them all; null: one was added since, or none was looked for yet. */
  #pattern: RegExp | null = null;
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

  /**
   * The values of parameters with secret names, decoded and as they are in the text.
   * @param text a query, or a form
   * @param areAll whatever their names
   */
  addParameters(text: string, areAll = false): void {
    for (const pair of text.split("&")) {
      const [[name = "", value = ""] = []] = new URLSearchParams(pair);
      if (!areAll && !this.isSecret(name)) {
        maskNested(value, this);
        continue;
      }
      this.add(value);
      this.add(pair.slice(pair.indexOf("=") + 1));
    }
  }

  /** A hundred times. */
  readsNested(): boolean {
    return this.#nestedLeft-- > 0;
  }

  add(secret: string): void {
    if (secret.length < SECRET_CHARS_MIN || this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#pattern = null;
  }

  /** More than can be looked for: nothing is known of a text then. */
  get areTooMany(): boolean {
    return this.#secrets.size > SECRETS_MAX;
  }

  /** The text without them, and without API keys. Masked as a whole when they are too many. */
  hide(text: string): string {
    if (this.areTooMany) return MASKED;
    if (text.length < SECRET_CHARS_MIN) return text;
    const hidden = hideApiKeys(text);
    if (this.#secrets.size === 0) return hidden;
    this.#pattern ??= anyOf(this.#secrets);
    const pattern = this.#pattern;
    return hideInEncoded(hidden, (layer) => layer.replace(pattern, MASKED));
  }
}

/** One pattern for all: to look for each by itself takes time for each, 12 ms for 100 of them in 1 700 numbers. */
function anyOf(secrets: ReadonlySet<string>): RegExp {
  // A shorter one may be the beginning of a longer one.
  const texts = [...secrets].sort((a, b) => b.length - a.length);
  return new RegExp(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
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
 * Path and query of a request.
 * @param isQuerySecret whether every value of the query is masked, or those with names of secrets
 */
export function maskedTarget(target: string, isQuerySecret: boolean, secrets: RequestSecrets): string {
  const mark = target.indexOf("?");
  if (mark < 0) return secrets.hide(target).slice(0, TARGET_CHARS_MAX);
  const query: string[] = [];
  let chars = mark;
  for (const pair of target.slice(mark + 1).split("&")) {
    // The rest is cut off.
    if (chars > TARGET_CHARS_MAX) break;
    const masked = maskedParameter(pair, isQuerySecret, secrets);
    query.push(masked);
    chars += masked.length + 1;
  }
  return `${secrets.hide(target.slice(0, mark))}?${query.join("&")}`.slice(0, TARGET_CHARS_MAX);
}

export function maskedForm(text: string, secrets: RequestSecrets): string {
  const pairs = text.split("&").map((pair) => maskedParameter(pair, false, secrets));
  return secrets.hide(pairs.join("&"));
}

function maskedParameter(pair: string, isWhole: boolean, secrets: RequestSecrets): string {
  const equals = pair.indexOf("=");
  const [[name = "", value = ""] = []] = new URLSearchParams(pair);
  if (
    isWhole ||
    secrets.isSecret(name) ||
    secrets.hide(value) !== value ||
    maskNested(value, secrets) !== value
  )
    return `${secrets.hide(equals < 0 ? "" : pair.slice(0, equals))}=${MASKED}`;
  return secrets.hide(pair);
}
