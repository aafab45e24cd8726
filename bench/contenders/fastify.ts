/** Fastify with @fastify/http-proxy (undici inside). */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { PROXY_CORE, startChild, waitForPort } from "../support/child.js";

export const fastify: Contender = {
  name: "Fastify",
  isFar: true,
  version() {
    const file = createRequire(import.meta.url).resolve("fastify/package.json");
    return { version: (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version };
  },
  async start({ keys, upstreamPort, port, dir }) {
    writeFileSync(join(dir, "keys.json"), JSON.stringify(keys));
    const script = join(import.meta.dirname, "fastify-proxy.mjs");
    const child = startChild(PROXY_CORE, process.execPath, [
      script,
      String(port),
      String(upstreamPort),
      join(dir, "keys.json"),
    ]);
    await waitForPort(port, child);
    return { pids: () => [child.pid], stop: () => child.stop() };
  },
};
