/**
 * Checks an upstream URL as it is written: form, and addresses that must not be reached (SSRF).
 * Resolves no names: the ingress checks each resolved address by the same policy whenever it connects.
 */
import {
  AddressPolicy,
  err,
  HOST_NAME_RULE,
  isHostName,
  isUrlHost,
  ok,
  parseIp,
  parseIpBlock,
  parseUrl,
  type Result,
  type UserErrorCode,
} from "@latchkey/core";
import { integrationLimits } from "./integration.js";

export interface UrlRefusal {
  readonly code: UserErrorCode;
  readonly message: string;
}

/** Names that mean this machine or its cloud, whatever a resolver says. */
const REFUSED_NAMES: readonly RegExp[] = [
  /(^|\.)localhost$/,
  /(^|\.)local$/,
  /(^|\.)internal$/,
  /(^|\.)home\.arpa$/,
];

/** What the operator allows all the same: addresses, ranges (`10.0.0.0/8`), names and `*.example` names. */
export class UpstreamAllowList {
  readonly #addresses: AddressPolicy;
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];

  /** @throws RangeError for an entry that is none of the four forms */
  constructor(entries: readonly string[]) {
    const blocks: string[] = [];
    for (const entry of entries.map((text) => text.trim().toLowerCase())) {
      if (parseIpBlock(entry) !== null) blocks.push(entry);
      else if (entry.startsWith("*.") && isHostName(entry.slice(2))) this.#suffixes.push(entry.slice(1));
      else if (isHostName(entry)) this.#names.add(entry);
      else throw new RangeError(`"${entry}" is not an address, a range or a name`);
    }
    this.#addresses = new AddressPolicy(blocks);
  }

  /** Why an address must not be reached, or null. */
  refusal(address: string): string | null {
    return this.#addresses.refusal(address);
  }

  /** Whether the host of a URL is on the list, and not merely in no range that needs it. */
  allowsHost(hostname: string): boolean {
    const host = bareHost(hostname);
    if (parseIp(host) !== null) return this.#addresses.allows(host);
    return this.allowsName(host) || (/(^|\.)localhost$/.test(host) && this.#addresses.allows("127.0.0.1"));
  }

  allowsName(name: string): boolean {
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }
}

/** The URL as it is stored (WHATWG spelling), or why not. */
export function checkUpstreamUrl(text: string, allow: UpstreamAllowList): Result<string, UrlRefusal> {
  const invalid = (message: string) => err<UrlRefusal>({ code: "URL_INVALID", message });
  if (text.length > integrationLimits.urlCharsMax)
    return err({
      code: "TOO_LONG",
      message: `A URL has at most ${integrationLimits.urlCharsMax} characters.`,
    });
  const url = parseUrl(text);
  if (url === null) return invalid("This is not a URL: write for example https://orders.example/inbound.");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return invalid("The URL starts with http:// or https://.");
  if (url.username !== "" || url.password !== "")
    return invalid("The URL cannot hold a user name or password: they would be shown in lists and logs.");
  if (url.hash !== "" || text.includes("#"))
    return invalid("The URL cannot have a fragment (#…): it is never sent.");
  if (url.port === "0") return invalid("Port 0 cannot be connected to.");
  const misplaced = misplacedBrace(text);
  if (misplaced !== null) return invalid(misplaced);
  if (!isUrlHost(url.hostname))
    return invalid(`No host has the name ${url.hostname}. ${HOST_NAME_RULE} Placeholders are for the path.`);
  const range = refusedRange(url.hostname, allow);
  if (range !== null)
    return err({
      code: "URL_ADDRESS_REFUSED",
      message: `${url.hostname} is not allowed as a target (${range}); the operator can allow it in the control plane's configuration.`,
    });
  return ok(withPlaceholders(url));
}

/**
 * The same for a URL that a secret goes to. Without TLS it goes to this machine and internal networks only: to names without
 * a dot, which the public internet does not have, and to what the operator allows.
 */
export function checkSecretUrl(text: string, allow: UpstreamAllowList): Result<string, UrlRefusal> {
  const checked = checkUpstreamUrl(text, allow);
  if (!checked.ok) return checked;
  const { protocol, hostname } = new URL(checked.value);
  if (protocol === "https:" || !/[.:]/.test(hostname) || allow.allowsHost(hostname)) return checked;
  return err({
    code: "URL_INVALID",
    message: `The URL starts with https://, because a secret goes to ${hostname}. For a host on a private network, the operator can allow http:// with upstreamAllowCidrs.`,
  });
}

/** Why the braces of a URL are no placeholders, or null. */
function misplacedBrace(text: string): string | null {
  const path = text.split("?", 1)[0] ?? "";
  const rest = path.replace(PLACEHOLDER, "");
  if (/[{}]/.test(rest))
    return "A placeholder in the URL is the name of a path parameter in braces: https://orders.example/orders/{id}.";
  return null;
}

/** A path parameter by its name, as in a route's pattern. */
const PLACEHOLDER = /\{[A-Za-z0-9_-]{1,64}\}/g;

/** URL has braces of a path escaped; here they name path parameters. */
function withPlaceholders(url: URL): string {
  const path = url.pathname.replace(/%7B([A-Za-z0-9_-]{1,64})%7D/g, "{$1}");
  return path === url.pathname ? url.href : `${url.origin}${path}${url.search}`;
}

/** Names of the path parameters that a stored URL takes. */
function placeholdersOf(url: string): readonly string[] {
  return [...(url.split("?", 1)[0] ?? "").matchAll(PLACEHOLDER)].map(([text]) => text.slice(1, -1));
}

/** A path parameter that one of the stored URLs takes and a route with these parameters does not have. */
export function missingPlaceholder(
  urls: readonly string[],
  parameterNames: readonly string[],
): string | undefined {
  const known = new Set(parameterNames.map((name) => name.toLowerCase()));
  return urls.flatMap(placeholdersOf).find((name) => !known.has(name.toLowerCase()));
}

/** Why a host must not be reached, or null. */
function refusedRange(hostname: string, allow: UpstreamAllowList): string | null {
  const host = bareHost(hostname);
  if (parseIp(host) !== null) return allow.refusal(host);
  if (allow.allowsHost(hostname)) return null;
  return REFUSED_NAMES.some((refused) => refused.test(host)) ? "a local name" : null;
}

/** Without the brackets of an IPv6 address and the final dot of a name. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}
