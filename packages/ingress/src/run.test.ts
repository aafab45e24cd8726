import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "./testing/world.js";

describe.each(engines)("a node on %s", (engine) => {
  it("forwards by key and route, as POST, with the integration's id", async () => {
    const key = aKey("key_1", "api_1");
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("int_1", `${upstream.url}/base?own=1`),
        anApi("api_1", [aRoute("PUT", "/orders/{orderId}", "int_1")]),
        key.resource,
      ],
      { engine },
    );
    const response = await fetch(`${world.url}/orders/a%20b?x=1&y=%2f`, {
      method: "PUT",
      headers: { "connxio-api-key": key.secret, "content-type": "text/plain", "cx-test": "yes" },
      body: "hello",
    });
    expect(response.status).toBe(200);
    const seen = world.upstream.last;
    expect(seen.method).toBe("POST");
    expect(seen.target).toBe("/base?own=1&x=1&y=%2f");
    expect(seen.body.toString()).toBe("hello");
    expect(seen.header("ConfigCorrelationId")).toBe("int_1");
    expect(seen.header("InterchangeId")).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen.header("cx-path-orderid")).toBe("a%20b");
    expect(seen.header("cx-test")).toBe("yes");
    expect(seen.header("content-type")).toBe("text/plain");
    expect(seen.header("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(seen.header("x-forwarded-for")).toBe("127.0.0.1");
    expect(seen.raw.toString("latin1")).not.toContain(key.secret);
  });
});
