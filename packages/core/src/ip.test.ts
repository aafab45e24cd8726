import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IpBlocks, parseIp, parseIpBlock } from "./ip.js";

/** Text made of what addresses are made of, so that many are valid and many are nearly so. */
const nearlyAddress = fc
  .array(fc.constantFrom("0", "1", "7f", "255", "256", "01", "ffff", "10000", ":", "::", ".", "%1", "g"), {
    maxLength: 17,
  })
  .map((parts) => parts.join(""));
const address = fc.oneof(fc.ipV4(), fc.ipV6());

describe("parseIp", () => {
  it("accepts what node:net accepts, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(address, nearlyAddress), (text) => {
        expect(parseIp(text)?.family ?? 0).toBe(isIP(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    "127.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1.",
    "1.2.3.4.5",
    "",
    "1::2::3",
    ":1",
  ])("does not take %j for an address", (text) => {
    expect(parseIp(text)).toBeNull();
  });

  it("leaves out the zone id", () => {
    expect(parseIp("fe80::1%eth0")).toEqual(parseIp("fe80::1"));
  });
});

describe("IpBlocks", () => {
  it("agrees with node:net about every address and block of the same family", () => {
    const block = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    );
    fc.assert(
      fc.property(block, address, ([network, prefix], text) => {
        const family = (of: string) => (isIP(of) === 6 ? "ipv6" : "ipv4");
        // Addresses rarely hit a random block, so the network itself is tried as well.
        for (const tried of [text, network]) {
          if (isIP(tried) !== isIP(network)) continue;
          const oracle = new BlockList();
          oracle.addSubnet(network, prefix, family(network));
          expect(new IpBlocks([`${network}/${prefix}`]).has(tried)).toBe(oracle.check(tried, family(tried)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds an IPv4-mapped address in the blocks of its IPv4 address", () => {
    expect(new IpBlocks(["10.0.0.0/8"]).has("::ffff:10.1.2.3")).toBe(true);
    expect(new IpBlocks(["10.0.0.0/8"]).has("::ffff:a01:203")).toBe(true);
    expect(new IpBlocks(["10.0.0.0/8"]).has("::10.1.2.3")).toBe(false);
  });

  it("takes an IPv4-mapped block for its IPv4 block", () => {
    const mapped = new IpBlocks(["::ffff:10.0.0.0/104"]);
    expect(["10.1.2.3", "::ffff:10.1.2.3", "11.0.0.1", "::a01:203"].filter((ip) => mapped.has(ip))).toEqual([
      "10.1.2.3",
      "::ffff:10.1.2.3",
    ]);
    expect(new IpBlocks(["::ffff:192.0.2.7"]).has("192.0.2.7")).toBe(true);
    expect(new IpBlocks(["::ffff:0:0/96"]).has("192.0.2.7")).toBe(true);
    expect(new IpBlocks(["::/0"]).has("192.0.2.7")).toBe(false);
  });

  it.each(["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8/8", "x", ""])(
    "has no block %j",
    (text) => {
      expect(parseIpBlock(text)).toBeNull();
      expect(() => new IpBlocks([text])).toThrow(RangeError);
    },
  );
});
