import { describe, expect, it } from "vitest";
import { AddressOrder } from "./address-order.js";
import type { UpstreamAddress } from "./upstream-client.js";

const v4 = (n: number): UpstreamAddress => ({ address: `192.0.2.${n}`, family: 4 });
const v6 = (n: number): UpstreamAddress => ({ address: `2001:db8::${n}`, family: 6 });

describe("AddressOrder", () => {
  it("alternates between the families, IPv6 first, and loses no address", () => {
    const order = new AddressOrder();
    expect(order.next([v4(1), v4(2), v4(3), v6(1)])).toEqual([v6(1), v4(1), v4(2), v4(3)]);
  });

  it("begins with the family that the last connection was made by", () => {
    const order = new AddressOrder();
    order.connectedTo(v4(1));
    expect(order.next([v6(1), v4(1)])).toEqual([v4(1), v6(1)]);
  });

  it("spreads connections over the addresses of a family", () => {
    const order = new AddressOrder();
    const firsts = Array.from({ length: 6 }, () => order.next([v4(1), v4(2), v4(3)])[0]?.address);
    expect(firsts).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  });
});
