/** Whether an address to listen on is reached from this machine only. */
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

export function isLoopbackHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  return family === 0 ? address === "localhost" : loopback.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** What helps to explore the schema is on by itself only where nobody else can reach it. */
export function isOn(setting: "auto" | "on" | "off", { host }: { readonly host: string }): boolean {
  return setting === "auto" ? isLoopbackHost(host) : setting === "on";
}
