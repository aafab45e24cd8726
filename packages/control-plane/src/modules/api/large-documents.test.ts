/** A large document keeps nobody waiting: it is read, checked and written in threads. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { DocumentThreads, fromOpenApi, ImportThreads } from "@latchkey/openapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";
import { longestTurn } from "../../testing/longest-turn.js";

/** Half a megabyte of YAML, as its authors publish it. */
const large = readFileSync(
  createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml"),
  "utf8",
);

let f: Fixture;
let apiId: string;

beforeAll(async () => {
  f = await Fixture.start();
  const subscriptionId = await f.subscription();
  const integrationId = await f.integration(subscriptionId);
  const { routes, model } = fromOpenApi(large, { mapping: { default: integrationId } });
  const { api } = await f.api(subscriptionId, {
    schemas: model?.schemas,
    routes: routes.map(({ method, path, operation }) => ({ method, path, integrationId, operation })),
  });
  apiId = api.id;
}, SETUP_MS_MAX + 120_000);
afterAll(() => f[Symbol.asyncDispose]());

const openapi = async (format: "JSON" | "YAML") =>
  (await f.run(`query($id: ID!) { api(id: $id) { openapi(format: ${format}) } }`, { id: apiId })).api
    .openapi as string;

describe("a large document", { timeout: 120_000 }, () => {
  it.each(["YAML", "JSON"] as const)("is written as %s in short turns, once for a state", async (format) => {
    const { value, longestMs } = await longestTurn(() => openapi(format));

    expect(longestMs).toBeLessThan(120);
    const both = await longestTurn(async () => [await openapi(format), await openapi(format)]);
    expect(both.value).toEqual([value, value]);
  });

  it("is read whole at the limits, 16 MiB and 5,000 operations, in short turns", async () => {
    const description = "lorem ipsum ".repeat(250);
    const responses = { 200: { description: "ok" } };
    const paths = Object.fromEntries(
      Array.from({ length: 5000 }, (_, k) => [
        `/group${k % 50}/{id}/item${k}`,
        { get: { description, responses } },
      ]),
    );
    const text = JSON.stringify({ openapi: "3.0.3", info: { title: "x", version: "1" }, paths });
    expect(text.length).toBeGreaterThan(15e6);
    const threads = new ImportThreads(new DocumentThreads());
    let leastMs = Number.POSITIVE_INFINITY;
    // The heap of all files before this one may be collected meanwhile: that is not the document's time.
    for (let attempt = 0; attempt < 4 && leastMs >= 100; attempt++) {
      const { value, longestMs } = await longestTurn(() => threads.read(text, { default: "x" }, 5000, "a"));
      expect(value.report.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(value.routes).toHaveLength(5000);
      expect(value.routes[4999]?.operation?.description).toBe(description);
      leastMs = Math.min(leastMs, longestMs);
    }
    expect(leastMs).toBeLessThan(100);
  });
});
