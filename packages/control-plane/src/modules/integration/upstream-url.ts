/**
 * Checks an upstream URL as it is written: form, and addresses that must not be reached (SSRF).
 * Resolves no names: the ingress checks the resolved address again whenever it connects.
 */
import { BlockList, isIP } from "node:net";
import { err, ok, type Result, type UserErrorCode } from "@latchkey/core";
import { integrationLimits } from "./integration.js";

export interface UrlRefusal {
  readonly code: UserErrorCode;
  readonly message: string;
}

/** Not of the public internet: RFC 6890 and its successors. */
const REFUSED_RANGES: readonly (readonly [string, number, "ipv4" | "ipv6", string])[] = [
  ["0.0.0.0", 8, "ipv4", "this host"],
  ["10.0.0.0", 8, "ipv4", "private"],
  ["100.64.0.0", 10, "ipv4", "carrier-grade NAT"],
  ["127.0.0.0", 8, "ipv4", "loopback"],
  ["169.254.0.0", 16, "ipv4", "link-local or cloud metadata"],
  ["172.16.0.0", 12, "ipv4", "private"],
  ["192.0.0.0", 24, "ipv4", "reserved"],
  ["192.0.2.0", 24, "ipv4", "documentation"],
  ["192.88.99.0", 24, "ipv4", "6to4 relay"],
  ["192.168.0.0", 16, "ipv4", "private"],
  ["198.18.0.0", 15, "ipv4", "benchmarking"],
  ["198.51.100.0", 24, "ipv4", "documentation"],
  ["203.0.113.0", 24, "ipv4", "documentation"],
  ["224.0.0.0", 4, "ipv4", "multicast"],
  ["240.0.0.0", 4, "ipv4", "reserved"],
  ["::", 96, "ipv6", "unspecified, loopback or IPv4 in IPv6"],
  // IPv4 inside IPv6 would smuggle any of the above.
  ["64:ff9b::", 96, "ipv6", "IPv4 in IPv6"],
  ["64:ff9b:1::", 48, "ipv6", "IPv4 in IPv6"],
  ["100::", 64, "ipv6", "discard"],
  ["2001::", 23, "ipv6", "reserved"],
  ["2001:db8::", 32, "ipv6", "documentation"],
  ["2002::", 16, "ipv6", "IPv4 in IPv6"],
  ["fc00::", 7, "ipv6", "private"],
  ["fe80::", 10, "ipv6", "link-local"],
  ["ff00::", 8, "ipv6", "multicast"],
];

const refusedLists = REFUSED_RANGES.map(([network, prefix, family, name]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { list, name };
});

/** Names that mean this machine or its cloud, whatever a resolver says. */
const REFUSED_NAMES: readonly RegExp[] = [
  /(^|\.)localhost$/,
  /(^|\.)local$/,
  /(^|\.)internal$/,
  /(^|\.)home\.arpa$/,
];

/** What the operator allows all the same: addresses, ranges (`10.0.0.0/8`), names and `*.example` names. */
export class UpstreamAllowList {
  readonly #addresses = new BlockList();
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];

  /** @throws RangeError for an entry that is none of the four forms */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim().toLowerCase());
  }

  allowsAddress(address: string): boolean {
    return this.#addresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }

  allowsName(name: string): boolean {
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }

  #add(entry: string): void {
    const [address = "", prefixText] = entry.split("/");
    const version = isIP(address);
    if (version !== 0) {
      const family = version === 6 ? "ipv6" : "ipv4";
      if (prefixText === undefined) this.#addresses.addAddress(address, family);
      else {
        const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
        if (prefix < 0 || prefix > (version === 6 ? 128 : 32))
          throw new RangeError(`"${entry}" is not a range`);
        this.#addresses.addSubnet(address, prefix, family);
      }
    } else if (/^\*(\.[a-z0-9_-]+)+$/.test(entry)) this.#suffixes.push(entry.slice(1));
    else if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(entry)) this.#names.add(entry);
    else throw new RangeError(`"${entry}" is not an address, a range or a name`);
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
  if (!URL.canParse(text))
    return invalid("This is not a URL: write for example https://orders.example/inbound.");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return invalid("The URL starts with http:// or https://.");
  if (url.username !== "" || url.password !== "")
    return invalid("The URL cannot hold a user name or password: they would be shown in lists and logs.");
  if (url.hash !== "" || text.includes("#"))
    return invalid("The URL cannot have a fragment (#…): it is never sent.");
  if (url.port === "0") return invalid("Port 0 cannot be connected to.");
  const range = refusedRange(url.hostname, allow);
  if (range !== null)
    return err({
      code: "URL_ADDRESS_REFUSED",
      message: `${url.hostname} is not allowed as a target (${range}); the operator can allow it in the control plane's configuration.`,
    });
  return ok(url.href);
}

/** Why a host must not be reached, or null. */
function refusedRange(hostname: string, allow: UpstreamAllowList): string | null {
  const bare = hostname.replace(/^\[|\]$/g, "");
  const version = isIP(bare);
  if (version === 0) {
    const name = bare.replace(/\.$/, "");
    if (allow.allowsName(name) || (/(^|\.)localhost$/.test(name) && allow.allowsAddress("127.0.0.1")))
      return null;
    return REFUSED_NAMES.some((refused) => refused.test(name)) ? "a local name" : null;
  }
  if (allow.allowsAddress(bare)) return null;
  const family = version === 6 ? "ipv6" : "ipv4";
  return refusedLists.find(({ list }) => list.check(bare, family))?.name ?? null;
}
