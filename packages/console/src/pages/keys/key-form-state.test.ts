import { expect, it } from "vitest";
import { changedFields } from "../../forms/form-fields.js";
import { type KeyRow, keyFormFields, toKeyChange, toKeyValues } from "./key-form-state.js";

const key: KeyRow = {
  rejections: [],
  id: "key_1",
  name: "Warehouse",
  display: "lk_4fZ9aQ",
  active: true,
  mode: "HEADER",
  recoverable: false,
  expiresAt: "2999-01-01T12:00:42.000Z",
  overlapUntil: null,
  lastUsedAt: null,
  requestsLastHour: 0,
  createdAt: "2026-01-01T00:00:00.000Z",
  version: 3,
  rateLimit: { limit: 100, windowSeconds: 60, burst: 20 },
  quota: { limit: 1_000, windowSeconds: 86_400, burst: 1_000 },
  scopes: [{ method: "GET", path: "/orders/{id}" }],
  ipRules: { allow: ["10.0.0.0/8", "::1"], deny: [] },
  owner: "Orders team",
  labels: ["team:orders"],
  metadata: { note: "two\nlines", ticket: "OPS-7" },
};

const change = (values: ReturnType<typeof toKeyValues>) =>
  toKeyChange(values, changedFields(keyFormFields, toKeyValues(key), values));

it("sends nothing but what was changed", () => {
  const values = toKeyValues(key);
  expect(change(values)).toEqual({});
  expect(change({ ...values, name: "Renamed" })).toEqual({ name: "Renamed" });
});

it("keeps the burst with a limit that is changed, and the seconds of an expiry", () => {
  const values = toKeyValues(key);
  expect(values.expiresAt).toMatch(/:42$/);
  expect(change({ ...values, rateLimit: { ...values.rateLimit, limit: 200 } })).toEqual({
    rateLimit: { limit: 200, windowSeconds: 60, burst: 20 },
  });
  // A burst as large as the limit grows with it.
  expect(change({ ...values, quota: { ...values.quota, limit: 2_000 } })).toEqual({
    quota: { limit: 2_000, windowSeconds: 86_400 },
  });
});

it("reads scopes and addresses by line", () => {
  const values = toKeyValues(key);
  expect(values).toMatchObject({ scopes: "GET /orders/{id}", allowIps: "10.0.0.0/8\n::1", denyIps: "" });
  expect(change({ ...values, scopes: " get /a\n\n/b/{id}", denyIps: "::2" })).toEqual({
    scopes: [
      { method: "GET", path: "/a" },
      { method: "ANY", path: "/b/{id}" },
    ],
    ipRules: { allow: ["10.0.0.0/8", "::1"], deny: ["::2"] },
  });
});

it("reads metadata by line, with values that a line cannot hold in quotes", () => {
  const values = toKeyValues(key);
  expect(values.metadata).toBe('note="two\\nlines"\nticket=OPS-7');
  expect(change({ ...values, metadata: `${values.metadata}\nstage = test` })).toEqual({
    metadata: { note: "two\nlines", ticket: "OPS-7", stage: "test" },
  });
  expect(change({ ...values, owner: "", labels: ["team:orders", "pci"] })).toEqual({
    owner: "",
    labels: ["team:orders", "pci"],
  });
});

it("takes a limit and an expiry away", () => {
  const values = toKeyValues(key);
  expect(change({ ...values, expiresAt: "", rateLimit: { ...values.rateLimit, limit: "" } })).toEqual({
    expiresAt: null,
    rateLimit: null,
  });
});
