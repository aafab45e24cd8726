/** An API with keys of each kind, for tests of the pipeline. Tests only. */
import { expect } from "vitest";
import { aKey, anApi, anIntegration, aRoute, World, type WorldOptions } from "./world.js";

export const key = aKey("key_header", "api_1");
export const webhook = aKey("key_webhook", "api_1", { mode: "webhook" });
export const disabled = aKey("key_disabled", "api_1", { active: false });
export const expired = aKey("key_expired", "api_1", { expiresAtMs: 1_000 });

export const api = anApi("api_1", [
  aRoute("GET", "/things/{thingId}", "int_1"),
  aRoute("POST", "/things", "int_1"),
  aRoute("ANY", "/any/{rest*}", "int_1"),
  aRoute("GET", "/gone", "int_gone"),
]);

/** The URL of its integration ends with `/in`. */
export const startThings = (options: WorldOptions): Promise<World> =>
  World.of(
    ({ upstream }) => [
      anIntegration("int_1", `${upstream.url}/in`),
      api,
      key.resource,
      webhook.resource,
      disabled.resource,
      expired.resource,
    ],
    options,
  );

/** The code of a response that the gateway made. */
export const problemOf = async (response: Response) => {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = (await response.json()) as { code: string; status: number; requestId: string; type: string };
  expect(body.status).toBe(response.status);
  expect(response.headers.get("latchkey-error")).toBe(body.code);
  expect(body.type).toBe(`urn:latchkey:problem:${body.code}`);
  expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
  return body.code;
};
export const header = { "connxio-api-key": key.secret };
