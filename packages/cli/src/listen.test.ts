import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort, listen } from "./listen.js";
import { startSampleUpstream } from "./sample-upstream.js";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";

describe("a free port", () => {
  it("is the preferred one, or another where that is taken", async () => {
    const preferred = await freePort();
    expect(await freePort(preferred)).toBe(preferred);
    const server = createServer();
    await listen(server, { host: "127.0.0.1", port: preferred });
    expect(await freePort(preferred)).not.toBe(preferred);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it.skipIf(!existsSync(RANGE))("is none that a connection may take before its server listens", async () => {
    const [first = 0] = readFileSync(RANGE, "utf8").split("\t").map(Number);
    const ports = await Promise.all(Array.from({ length: 100 }, () => freePort()));
    expect(Math.max(...ports)).toBeLessThan(first);
  });
});

it("a verb whose port is taken names the port and its option, in the sentence of every port", async () => {
  const server = createServer();
  await listen(server, { host: "127.0.0.1", port: 0 });
  const { port } = server.address() as { port: number };
  await expect(startSampleUpstream({ host: "127.0.0.1", port })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken; set another sample upstream port with --port`,
  );
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await expect(startSampleUpstream({ host: "203.0.113.1", port })).rejects.toThrow(
    "203.0.113.1 is no address of this machine (EADDRNOTAVAIL); set another sample upstream host with --host",
  );
});
