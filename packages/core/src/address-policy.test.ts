import { describe, expect, it } from "vitest";
import { AddressPolicy } from "./address-policy.js";

const none = new AddressPolicy([]);

describe("AddressPolicy", () => {
  it.each([
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "100.64.0.0",
    "100.100.100.200", // Alibaba's metadata
    "100.127.255.255",
    "127.0.0.1",
    "168.63.129.16", // Azure's WireServer
    "169.254.169.254",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.192", // Oracle's metadata
    "192.0.2.1",
    "192.88.99.1",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1", // IPv4-compatible
    "::8.8.8.8",
    "::ffff:127.0.0.1", // IPv4-mapped
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::ffff:0:10.0.0.1", // SIIT
    "::ffff:0:8.8.8.8",
    "64:ff9b::127.0.0.1", // NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1", // Teredo
    "2001:2::1", // benchmarking
    "2001:20::1", // ORCHID
    "2001:1ff:ffff::1",
    "2001:db8::1",
    "2002:7f00:1::", // 6to4
    "2002:808:808::",
    "3fff::1",
    "4000::1", // not allocated
    "5f00::1", // segment routing
    "fd00:ec2::254", // AWS' metadata
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "127.1",
    "localhost",
    "",
  ])("refuses %s", (address) => {
    expect(none.refusal(address)).not.toBeNull();
  });

  it.each([
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "168.63.129.15",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", // what an IPv6-only network resolves 8.8.8.8 to
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "3ffe:ffff::1",
  ])("allows %s", (address) => {
    expect(none.refusal(address)).toBeNull();
  });

  it("allows what the operator names, in each form that reaches the same address", () => {
    const policy = new AddressPolicy(["10.0.0.0/8", "fd00::/8", "::1"]);
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd12::1", "::1"])
      expect(policy.refusal(address)).toBeNull();
    for (const address of ["127.0.0.1", "::10.1.2.3", "fc00::1", "::2", "2002:a01:203::"])
      expect(policy.refusal(address)).not.toBeNull();
  });
});
