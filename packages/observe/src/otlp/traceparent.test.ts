import { expect, it } from "vitest";
import { isTraceparent } from "./traceparent.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

it.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  // §3.2.3: of a later version what is known is read, whatever follows.
  [`01-${TRACE}-${SPAN}-01`, true],
  [`01-${TRACE}-${SPAN}-01-more`, true],
  [`01-${TRACE}-${SPAN}-01more`, false],
  [`00-${TRACE}-${SPAN}-01-more`, false],
  [`ff-${TRACE}-${SPAN}-01`, false],
  [`00-${"0".repeat(32)}-${SPAN}-01`, false],
  [`00-${TRACE}-${"0".repeat(16)}-01`, false],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  ["", false],
])("%s: %s", (text, isValid) => {
  expect(isTraceparent(text)).toBe(isValid);
});
