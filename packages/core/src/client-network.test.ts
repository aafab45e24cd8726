import { expect, it } from "vitest";
import { clientNetwork } from "./client-network.js";

it("is the /64 of an IPv6 address, however it is written, and an IPv4 address itself", () => {
  const addresses = [
    "2001:db8::1",
    "2001:db8:0:0:ffff::2",
    "2001:db8::ffff:0:0:3",
    "fe80::1%eth0",
    "::1",
    "192.0.2.7",
    "::ffff:192.0.2.7",
  ];
  expect(addresses.map(clientNetwork)).toEqual([
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
    "fe80:0:0:0::/64",
    "0:0:0:0::/64",
    "192.0.2.7",
    "192.0.2.7",
  ]);
});
