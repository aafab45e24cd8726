import { expect, it } from "vitest";
import { groupLink, type UsageGroupKind } from "./group-link.js";

const link = (kind: UsageGroupKind, group: object = {}, apiId: string | null = null) =>
  groupLink({ key: "x_1", name: "Named", api: null, errorCode: null, ...group }, kind, { apiId }, "1h");

it("leads to the page of what a group is, where there is one", () => {
  expect(link("API")).toBe("/apis/x_1/traffic?window=1h");
  expect(link("INTEGRATION")).toBe("/integrations/x_1");
  expect(link("NODE")).toBe("/nodes?node=x_1");
  expect(link("ERROR", { errorCode: "key.unknown" })).toBe("/requests?code=key.unknown");
  expect(link("ERROR", { errorCode: "key.unknown" }, "api_1")).toBe("/apis/api_1/requests?code=key.unknown");
  const api = { id: "api_1", title: "Orders" };
  expect(link("KEY", { api })).toBe("/apis/api_1/keys/x_1");
  expect(link("ROUTE", { api }, "api_1")).toBe("/apis/api_1/traffic?route=x_1&window=1h");
});

it("leads nowhere from what was deleted, from requests without a key and from what has no API any more", () => {
  expect(link("API", { name: null })).toBeNull();
  expect(link("KEY", { key: "", name: null }, "api_1")).toBeNull();
  expect(link("ERROR", { name: null })).toBeNull();
  expect(link("STATUS_CLASS", { key: "4xx" }, "api_1")).toBeNull();
  expect(link("KEY")).toBeNull();
  expect(link("ROUTE")).toBeNull();
});
