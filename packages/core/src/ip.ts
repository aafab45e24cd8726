/**
 * IP addresses and address blocks as text (RFC 4291 §2.2, RFC 5952, RFC 4007 zone ids, CIDR). Pure: looks up nothing.
 * Accepts the strict spellings only: `127.1`, `0x7f.0.0.1` and `0177.0.0.1` are not addresses here.
 */

export interface IpAddress {
  readonly family: 4 | 6;
  /** 16-bit groups: two of an IPv4 address, eight of an IPv6 address. */
  readonly groups: readonly number[];
}

export interface IpBlock {
  readonly address: IpAddress;
  /** Leading bits that count. */
  readonly prefix: number;
}

const GROUP_BITS = 16;
const IPV6_GROUPS = 8;
/** As `net.isIPv6` takes them. */
const ZONE = /^[^%]*%[0-9A-Za-z.:-]{1,64}$/;
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;
const IPV4_BYTE = /^(?:0|[1-9]\d{0,2})$/;
const PREFIX = /^\d{1,3}$/;
/** The longest spelling is `xxxx:` six times and an IPv4 address. */
const CHARS_MAX = 45;

/** Null: not an address. An IPv6 zone id is left out of the result. */
export function parseIp(text: string): IpAddress | null {
  if (text.includes(":")) return parseIpv6(withoutZone(text));
  const groups = parseIpv4(text);
  return groups === null ? null : { family: 4, groups };
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address. Null: not a block. */
export function parseIpBlock(text: string): IpBlock | null {
  const slash = text.indexOf("/");
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const bits = address.groups.length * GROUP_BITS;
  if (slash < 0) return { address, prefix: bits };
  const digits = text.slice(slash + 1);
  const prefix = PREFIX.test(digits) ? Number(digits) : -1;
  return prefix < 0 || prefix > bits ? null : { address, prefix };
}

export function blockContains({ address, prefix }: IpBlock, ip: IpAddress): boolean {
  if (ip.family !== address.family) return false;
  const whole = prefix >> 4;
  for (let i = 0; i < whole; i++) if (ip.groups[i] !== address.groups[i]) return false;
  const rest = prefix & (GROUP_BITS - 1);
  if (rest === 0) return true;
  const shift = GROUP_BITS - rest;
  return (ip.groups[whole] as number) >> shift === (address.groups[whole] as number) >> shift;
}

/** The IPv4 address that an IPv4-mapped IPv6 address stands for (RFC 4291 §2.5.5.2); any other address as it is. */
export function unmapped(ip: IpAddress): IpAddress {
  return ip.family === 6 && blockContains(MAPPED, ip) ? { family: 4, groups: ip.groups.slice(6) } : ip;
}

/** `10.0.0.0/8` for `::ffff:10.0.0.0/104`: sockets of IPv4 name their peers without the mapping. */
function unmappedBlock(block: IpBlock): IpBlock {
  const { address, prefix } = block;
  if (prefix < MAPPED.prefix || address.family === 4) return block;
  const plain = unmapped(address);
  return plain === address ? block : { address: plain, prefix: prefix - MAPPED.prefix };
}

/** A set of address blocks. IPv4-mapped IPv6 addresses and blocks are taken for what they map. */
export class IpBlocks {
  readonly #blocks: readonly IpBlock[];

  /** @throws RangeError with the text that is not a block */
  constructor(texts: readonly string[]) {
    this.#blocks = texts.map((text) => unmappedBlock(blockOf(text)));
  }

  /** False for what is not an address. */
  has(address: string): boolean {
    const ip = parseIp(address);
    return ip !== null && this.contains(ip);
  }

  contains(ip: IpAddress): boolean {
    const plain = unmapped(ip);
    for (const block of this.#blocks)
      if (blockContains(block, ip) || (plain !== ip && blockContains(block, plain))) return true;
    return false;
  }
}

/** @throws RangeError when the text is not a block */
export function blockOf(text: string): IpBlock {
  const block = parseIpBlock(text);
  if (block === null) throw new RangeError(`"${text}" is not an address block`);
  return block;
}

function withoutZone(text: string): string {
  return ZONE.test(text) ? text.slice(0, text.indexOf("%")) : text;
}

function parseIpv4(text: string): number[] | null {
  const bytes = text.split(".", 5);
  if (bytes.length !== 4) return null;
  const values = bytes.map((byte) => (IPV4_BYTE.test(byte) ? Number(byte) : 256));
  if (values.some((value) => value > 255)) return null;
  const [a, b, c, d] = values as [number, number, number, number];
  return [(a << 8) | b, (c << 8) | d];
}

function parseIpv6(text: string): IpAddress | null {
  if (text.length > CHARS_MAX) return null;
  const halves = text.split("::", 3);
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 1 ? [] : parseGroups(halves[1] as string, true);
  if (head === null || tail === null) return null;
  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  return { family: 6, groups: [...head, ...new Array<number>(missing).fill(0), ...tail] };
}

/** @param isLast the text ends the address, so that it may end in an IPv4 address */
function parseGroups(text: string, isLast: boolean): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (IPV6_GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const ipv4 = isLast && i === parts.length - 1 ? parseIpv4(part) : null;
      if (ipv4 === null) return null;
      groups.push(...ipv4);
    }
  }
  return groups;
}

const MAPPED: IpBlock = { address: { family: 6, groups: [0, 0, 0, 0, 0, 0xffff, 0, 0] }, prefix: 96 };

const MAPPED_PREFIX = "::ffff:";

/** `192.0.2.7` for `::ffff:192.0.2.7`, as a dual-stack socket reports an IPv4 peer; any other text as it is. */
export function plainAddress(address: string): string {
  return address.startsWith(MAPPED_PREFIX) && address.includes(".")
    ? address.slice(MAPPED_PREFIX.length)
    : address;
}
