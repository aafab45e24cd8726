import { createLogger } from "@latchkey/observe";
import { expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";
import { selectIo } from "./select-io.js";

it("logs once which internals are missing, and why", async () => {
  const lines: string[] = [];
  const log = createLogger({
    name: "test",
    level: "info",
    stream: { write: (line) => void lines.push(line) },
  });
  const missing = [{ internal: "resetProbe", reason: "a reset is not seen by an empty write" }] as const;
  await selectIo("auto", log, { select: () => Promise.resolve(missing) });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ missing, node: process.version });
});

it.each(["auto", "portable"] as const)(
  "serves in mode %s, and says so where it is not the default",
  async (io) => {
    const { resource, secret } = aKey("key_1", "api_1");
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("itg_1", upstream.url),
        anApi("api_1", [aRoute("GET", "/orders", "itg_1")]),
        resource,
      ],
      { engine: "strict", config: { io } },
    );
    const response = await fetch(`${world.url}/orders`, { headers: { "connxio-api-key": secret } });
    expect(response.status).toBe(200);
    expect(world.logLines.filter((line) => line.includes("public interfaces"))).toHaveLength(
      io === "auto" ? 0 : 1,
    );
  },
);
