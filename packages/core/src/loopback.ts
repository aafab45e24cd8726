/** Which hosts are this machine itself, by their text alone: loopback addresses and the names that always mean them. */
import { blockContains, blockOf, parseIp, unmapped } from "./ip.js";

const BLOCKS = [blockOf("127.0.0.0/8"), blockOf("::1/128")];
/** RFC 6761 §6.3. */
const LOCALHOST = /^(?:[a-z0-9-]+\.)*localhost$/;

/** @param host an address, in brackets or not, or a name; without a port */
export function isLoopbackHost(host: string): boolean {
  const ip = parseIp(host.replace(/^\[(.*)\]$/, "$1"));
  if (ip === null) return LOCALHOST.test(host.toLowerCase());
  return BLOCKS.some((block) => blockContains(block, unmapped(ip)));
}
