import { expect, it } from "vitest";
import { samePageOf } from "./same-page.js";

const to = (address: string) => {
  const { pathname, search } = new URL(address, "https://console.example");
  return samePageOf({ pathname, search }, "api_1", "api_2");
};

it("keeps the page, and what of its query means the same for every API", () => {
  expect(to("/apis/api_1")).toBe("/apis/api_2");
  expect(to("/apis/api_1/keys")).toBe("/apis/api_2/keys");
  expect(to("/apis/api_1/traffic?window=1h&route=rte_1")).toBe("/apis/api_2/traffic?window=1h");
  expect(to("/apis/api_1?view=openapi&after=x")).toBe("/apis/api_2?view=openapi");
});

it("leaves out the key of the other API", () => {
  expect(to("/apis/api_1/keys/key_1")).toBe("/apis/api_2/keys");
});
