/** What tests of APIs share: a control plane with one subscription and one integration, and the inputs of mutations. */
import { afterEach, beforeEach } from "vitest";
import { Fixture, SETUP_MS_MAX } from "./fixture.js";

/** These three are new for each test of a file that calls `setUpApis`. */
export let f: Fixture;
export let subscriptionId: string;
export let integrationId: string;

export function setUpApis(integration: Record<string, unknown> = {}): void {
  beforeEach(async () => {
    f = await Fixture.start();
    subscriptionId = await f.subscription();
    integrationId = await f.integration(subscriptionId, integration);
  }, SETUP_MS_MAX);
  afterEach(() => f[Symbol.asyncDispose]());
}

export const route = (method: string, path: string, more: Record<string, unknown> = {}) => ({
  method,
  path,
  integrationId,
  ...more,
});

/** The input of `updateApi`. */
export const form = (api: { id: string; version: number }, more: Record<string, unknown>) => ({
  id: api.id,
  expectedVersion: api.version,
  title: "Orders API",
  summary: "",
  routes: [],
  ...more,
});

/** `CODE path.of.the.field` of each user error. */
export const codes = (payload: { userErrors: { code: string; field: string[] }[] }) =>
  payload.userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);
