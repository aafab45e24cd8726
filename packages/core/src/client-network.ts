/** The network that one client is assumed to own, for limits by address: an IPv4 address, or the /64 of an IPv6 address. */
import { plainAddress } from "./ip.js";

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** `192.0.2.7`, also when written as `::ffff:192.0.2.7`; `2001:db8:0:0::/64`. */
export function clientNetwork(peer: string): string {
  const address = plainAddress(peer);
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < GROUPS) groups.push("0");
    groups.push(...after);
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
