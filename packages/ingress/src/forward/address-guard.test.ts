import { AddressPolicy } from "@latchkey/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressGuard } from "./address-guard.js";

/** Half of them in ranges that are special for some reason. The control plane's upstream-url.test.ts has the same. */
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((ipv4) => `::ffff:${ipv4}`),
  fc.ipV4().map((ipv4) => `64:ff9b::${ipv4}`),
  fc.ipV4().map((ipv4) => `::${ipv4}`),
  fc.ipV4().map((ipv4) => `::ffff:0:${ipv4}`),
  fc.constantFrom("127.0.0.1", "168.63.129.16", "::1", "5f00::1", "2001:db8::1", "2002:7f00:1::", "fe80::1"),
);

describe("AddressGuard", () => {
  it("decides as the policy that the control plane asks as well", () => {
    const allowed = ["10.0.0.0/8", "fd00::/8"];
    const policy = new AddressPolicy(allowed);
    const guard = new AddressGuard(allowed);
    fc.assert(
      fc.property(address, (text) => {
        const family = text.includes(":") ? 6 : 4;
        expect(guard.check({ address: text, family })).toBe(policy.refusal(text) === null);
      }),
      { numRuns: 1_000 },
    );
  });
});
