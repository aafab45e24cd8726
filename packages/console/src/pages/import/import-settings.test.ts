import { expect, it } from "vitest";
import { assign, initialSettings, toImportInput } from "./import-settings.js";

const target = { id: "api_1", title: "Shop", version: 7, subscription: { id: "sub_1" } };
const north = { id: "int_1", label: "north" };

it("asks for nothing without a document, or without a subscription for a new API", () => {
  expect(toImportInput(null, target, initialSettings)).toBeNull();
  expect(toImportInput("{}", null, initialSettings)).toBeNull();
  expect(toImportInput("{}", null, { ...initialSettings, subscriptionId: "sub_1" })).toMatchObject({
    subscriptionId: "sub_1",
  });
});

it("changes an API only in the version that was shown", () => {
  expect(toImportInput("{}", target, initialSettings)).toMatchObject({ apiId: "api_1", expectedVersion: 7 });
});

it("splits a document into new APIs only", () => {
  const split = { ...initialSettings, subscriptionId: "sub_1", split: "TAG" } as const;
  expect(toImportInput("{}", null, split)).toMatchObject({ split: "TAG" });
  expect(toImportInput("{}", target, split)).not.toHaveProperty("split");
});

it("sends a default, or makes integrations of the servers, never both", () => {
  const one = { ...initialSettings, integration: north, serverUrl: "https://shop.example" };
  expect(toImportInput("{}", target, one)).toMatchObject({
    integrations: "MAPPED",
    mapping: { default: "int_1" },
  });
  expect(toImportInput("{}", target, one)).not.toHaveProperty("serverUrl");
  expect(toImportInput("{}", target, { ...one, rest: "servers" })).toMatchObject({
    integrations: "FROM_SERVERS",
    serverUrl: "https://shop.example",
    mapping: { default: null },
  });
});

it("tells no prefix from the document's", () => {
  expect(toImportInput("{}", target, initialSettings)).not.toHaveProperty("pathPrefix");
  expect(toImportInput("{}", target, { ...initialSettings, prefix: "none" })).toMatchObject({
    pathPrefix: "",
  });
});

it("keeps the validation of routes unless it is switched on or off", () => {
  expect(toImportInput("{}", target, initialSettings)).toMatchObject({ validate: "KEEP" });
  for (const validate of ["ON", "OFF"] as const)
    expect(toImportInput("{}", target, { ...initialSettings, validate })).toMatchObject({ validate });
});

it("maps the operations that integrations were chosen for, and forgets those that were reset", () => {
  const assigned = assign(assign(new Map(), ["GET /a", "GET /b"], north), ["GET /a"], null);
  expect(toImportInput("{}", target, { ...initialSettings, assigned })?.mapping?.operations).toEqual([
    { match: "GET /b", integrationId: "int_1" },
  ]);
});
