/** The hosts file (hosts(5)) as a map from names to addresses. Pure. */
import { parseIp } from "@latchkey/core";
import type { HostAddress } from "./host-address.js";

export type Hosts = ReadonlyMap<string, readonly HostAddress[]>;

/** Names in lower case, addresses in the file's order. Lines that are malformed are skipped. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, HostAddress[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...names] = (line.split("#", 1)[0] as string).trim().split(/[ \t]+/);
    const ip = parseIp(address);
    if (ip === null) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [{ address, family: ip.family }]);
      else if (!known.some((other) => other.address === address)) known.push({ address, family: ip.family });
    }
  }
  return hosts;
}
