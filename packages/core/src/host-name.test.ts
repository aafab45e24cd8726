import { expect, it } from "vitest";
import { isHostName } from "./host-name.js";

const label = "a".repeat(63);
const longest = `${label}.${label}.${label}.${"b".repeat(61)}`;

it.each([
  "orders.example",
  "Orders.Example",
  "orders",
  "orders_api",
  "_orders._tcp.example",
  "my-orders-2.default.svc.cluster.local",
  "xn--bcher-kva.example",
  "1password.example",
  label,
  longest,
])("%j may be the name of a host", (name) => expect(isHostName(name)).toBe(true));

it.each([
  "",
  ".",
  "orders.",
  "orders..example",
  "-a.example",
  "a-.example",
  "a.-example",
  "a.example-",
  `${label}a`,
  `${label}a.example`,
  `${longest}b`,
  "bücher.example",
  "{tenant}.example",
  "a b",
  "orders.example\n",
])("%j may not", (name) => expect(isHostName(name)).toBe(false));
