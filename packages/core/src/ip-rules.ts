/** Which client addresses may send requests: blocks that are allowed and blocks that are denied. */
import { type IpAddress, IpBlocks, parseIp, parseIpBlock } from "./ip.js";
import { err, ok, type Result } from "./result.js";

export interface IpRules {
  /** Address blocks. Empty: any address. */
  readonly allow: readonly string[];
  /** Address blocks. They win over `allow`. */
  readonly deny: readonly string[];
}

export const noIpRules: IpRules = { allow: [], deny: [] };

/** Of each list: a request is compared with every block. */
export const IP_RULES_MAX = 200;

/** An address block as it is stored, or a sentence on what is wrong with it. */
export function parseIpRule(text: string): Result<string, string> {
  const trimmed = text.trim();
  const block = parseIpBlock(trimmed);
  if (block === null || trimmed.includes("%"))
    return err(
      "An address block is an address or a CIDR block, as in `203.0.113.7`, `10.0.0.0/8` or `2001:db8::/32`.",
    );
  return ok(trimmed.toLowerCase());
}

/** The rules, compiled. */
export class IpPolicy {
  readonly #allow: IpBlocks | null;
  readonly #deny: IpBlocks | null;

  private constructor({ allow, deny }: IpRules) {
    this.#allow = allow.length === 0 ? null : new IpBlocks(allow);
    this.#deny = deny.length === 0 ? null : new IpBlocks(deny);
  }

  /** Null: any address. @throws RangeError with the text that is not a block */
  static of(rules: IpRules): IpPolicy | null {
    return rules.allow.length === 0 && rules.deny.length === 0 ? null : new IpPolicy(rules);
  }

  /** False for what is no address: nobody knows which block it would be in. */
  admits(address: string): boolean {
    const ip: IpAddress | null = parseIp(address);
    if (ip === null || this.#deny?.contains(ip) === true) return false;
    return this.#allow === null || this.#allow.contains(ip);
  }
}
