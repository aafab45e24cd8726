import { expect, it } from "vitest";
import { IpPolicy, parseIpRule } from "./ip-rules.js";

const admitted = (allow: string[], deny: string[], ...addresses: string[]) =>
  addresses.filter((address) => IpPolicy.of({ allow, deny })?.admits(address) ?? true);

it("admits any address without rules, those of `allow`, and none of `deny`, which wins", () => {
  const all = ["10.0.0.1", "10.0.1.1", "192.0.2.1", "2001:db8::1", "::1"];
  expect(admitted([], [], ...all)).toEqual(all);
  expect(admitted(["10.0.0.0/8"], [], ...all)).toEqual(["10.0.0.1", "10.0.1.1"]);
  expect(admitted(["10.0.0.0/8", "2001:db8::/32"], ["10.0.1.0/24"], ...all)).toEqual([
    "10.0.0.1",
    "2001:db8::1",
  ]);
  expect(admitted([], ["10.0.0.0/8", "::1"], ...all)).toEqual(["192.0.2.1", "2001:db8::1"]);
  expect(admitted(["10.0.0.1"], ["10.0.0.0/8"], ...all)).toEqual([]);
});

it("takes an IPv4-mapped address for its IPv4 address, and admits nothing that is no address", () => {
  expect(admitted(["192.0.2.0/24"], [], "::ffff:192.0.2.9", "::ffff:192.0.3.9")).toEqual([
    "::ffff:192.0.2.9",
  ]);
  expect(admitted([], ["192.0.2.0/24"], "::ffff:192.0.2.9", "", "unknown", "192.0.2")).toEqual([]);
});

it.each(["", "10.0.0.0/33", "10.0.0", "example.com", "fe80::1%eth0", "::/129", "0x7f.0.0.1"])(
  "refuses %j",
  (text) => {
    expect(parseIpRule(text).ok).toBe(false);
  },
);

it("keeps blocks in lower case", () => {
  expect(parseIpRule(" 2001:DB8::/32 ")).toEqual({ ok: true, value: "2001:db8::/32" });
});
