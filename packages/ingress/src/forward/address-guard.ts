/**
 * Decides which addresses the gateway may connect to: everything that is not public is refused unless an allow list
 * names it. Asked with the resolved address, so a DNS answer that changes is caught.
 */
import { BlockList, isIP } from "node:net";
import type { UpstreamAddress } from "@latchkey/http1";

/** Not reachable from the outside by their nature (RFC 6890 and its registry), so no integration is there. */
const NOT_PUBLIC_IPV4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8",
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, with the clouds' metadata services
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4", // multicast
  "240.0.0.0/4",
] as const;

const NOT_PUBLIC_IPV6 = [
  "::/128",
  "::1/128",
  "64:ff9b:1::/48", // local-use NAT64
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16", // 6to4: an IPv4 address in disguise
  "3fff::/20",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
] as const;

/** RFC 6052: the last 32 bits are an IPv4 address. */
const NAT64_PREFIX = "64:ff9b::";

/** An address block: `10.0.0.0/8`, or a single address. Throws RangeError with the text that is wrong. */
export function blockListOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    const family = isIP(address);
    const max = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? max : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (family === 0 || prefix < 0 || prefix > max) throw new RangeError(`"${cidr}" is not an address block`);
    list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

export class AddressGuard {
  readonly #refused = blockListOf([...NOT_PUBLIC_IPV4, ...NOT_PUBLIC_IPV6]);
  readonly #allowed: BlockList;

  constructor(allowCidrs: readonly string[]) {
    this.#allowed = blockListOf(allowCidrs);
  }

  /** Bound, so that it can be handed on as it is. */
  readonly check = ({ address, family }: UpstreamAddress): boolean => {
    const embedded = family === 6 ? embeddedIpv4(address) : null;
    const plain = embedded ?? address;
    const kind = embedded !== null || family === 4 ? "ipv4" : "ipv6";
    return this.#allowed.check(plain, kind) || !this.#refused.check(plain, kind);
  };
}

/** The IPv4 address within a mapped (RFC 4291 §2.5.5.2) or NAT64 address, or null. */
function embeddedIpv4(address: string): string | null {
  const lower = (address.split("%")[0] as string).toLowerCase();
  for (const prefix of ["::ffff:", NAT64_PREFIX, "0:0:0:0:0:ffff:"]) {
    if (!lower.startsWith(prefix)) continue;
    const rest = lower.slice(prefix.length);
    if (isIP(rest) === 4) return rest;
    const groups = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(rest);
    if (groups === null) continue;
    const bytes = [Number.parseInt(groups[1] as string, 16), Number.parseInt(groups[2] as string, 16)];
    return bytes.map((group) => `${group >> 8}.${group & 0xff}`).join(".");
  }
  return null;
}
