/**
 * Which addresses integrations may be at: public ones, and those that the operator allows. The one list for both planes:
 * the control plane asks about addresses in URLs, the ingress about each address that it connects to. Pure.
 */
import { blockContains, blockOf, type IpAddress, IpBlocks, parseIp, unmapped } from "./ip.js";

/** Not public: the IANA special-purpose registry (RFC 6890) and the clouds' own addresses. */
const REFUSED_IPV4 = [
  ["0.0.0.0/8", "this host"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["168.63.129.16/32", "cloud platform"], // Azure's WireServer, reached from each virtual machine
  ["169.254.0.0/16", "link-local or cloud metadata"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
] as const;

/** The only IPv6 addresses that IANA has allocated to the public internet (RFC 4291 §2.4). */
const PUBLIC_IPV6 = "2000::/3";

/** Within `PUBLIC_IPV6`. */
const REFUSED_IPV6 = [
  ["2001::/32", "IPv4 in IPv6"], // Teredo
  ["2001::/23", "reserved"], // benchmarking, ORCHID, AS112
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "IPv4 in IPv6"], // 6to4
  ["3fff::/20", "documentation"],
] as const;

/** Names for the error message only: these are outside `PUBLIC_IPV6` and refused without being listed. */
const NAMED_IPV6 = [
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::/96", "IPv4 in IPv6"], // IPv4-compatible
  ["::ffff:0:0:0/96", "IPv4 in IPv6"], // SIIT
  ["64:ff9b:1::/48", "IPv4 in IPv6"], // local-use NAT64
  ["100::/64", "discard"],
  ["5f00::/16", "segment routing"],
  ["fc00::/7", "private"],
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
] as const;

/** RFC 6052: the last 32 bits are the IPv4 address that a NAT64 gateway connects to. */
const NAT64 = blockOf("64:ff9b::/96");

const named = (entries: readonly (readonly [string, string])[]) =>
  entries.map(([block, name]) => ({ block: blockOf(block), name }));
const refusedIpv4 = named(REFUSED_IPV4);
const refusedIpv6 = named([...REFUSED_IPV6, ...NAMED_IPV6]);
const publicIpv6 = blockOf(PUBLIC_IPV6);

export class AddressPolicy {
  readonly #allowed: IpBlocks;

  /** @throws RangeError with the text that is not a block */
  constructor(allowedBlocks: readonly string[]) {
    this.#allowed = new IpBlocks(allowedBlocks);
  }

  /** True for an address that is on the list of those allowed. */
  allows(address: string): boolean {
    const ip = parseIp(address);
    return ip !== null && (this.#allowed.contains(ip) || this.#allowed.contains(ipv4Target(ip)));
  }

  /** Why an address must not be connected to, in a word or two; null when it may. Refuses what is not an address. */
  refusal(address: string): string | null {
    const ip = parseIp(address);
    if (ip === null) return "not an address";
    const target = ipv4Target(ip);
    if (this.#allowed.contains(ip) || this.#allowed.contains(target)) return null;
    return refusedRange(target);
  }
}

/** The IPv4 address that a packet to an IPv4-mapped or NAT64 address reaches; any other address as it is. */
function ipv4Target(ip: IpAddress): IpAddress {
  if (ip.family === 6 && blockContains(NAT64, ip)) return { family: 4, groups: ip.groups.slice(6) };
  return unmapped(ip);
}

function refusedRange(ip: IpAddress): string | null {
  const refused = ip.family === 4 ? refusedIpv4 : refusedIpv6;
  const range = refused.find(({ block }) => blockContains(block, ip));
  if (range !== undefined) return range.name;
  return ip.family === 4 || blockContains(publicIpv6, ip) ? null : "reserved";
}
