import { connect } from "node:net";
import { Registry } from "@latchkey/observe";
import { expect, it } from "vitest";
import { openMetricsPort } from "./metrics-port.js";

it("serves metrics while hundreds of connections send nothing", async () => {
  await using port = await openMetricsPort({
    host: "127.0.0.1",
    port: 0,
    hosts: [],
    registry: new Registry(),
  });
  const silent = Array.from({ length: 300 }, () => connect(port.port, "127.0.0.1"));
  let open = silent.length;
  for (const socket of silent) {
    socket.on("error", () => undefined);
    socket.on("close", () => open--);
  }
  while (open > 64) await new Promise((resolve) => setImmediate(resolve));
  const response = await fetch(`http://127.0.0.1:${port.port}/metrics`);
  expect(response.status).toBe(200);
  for (const socket of silent) socket.destroy();
});
