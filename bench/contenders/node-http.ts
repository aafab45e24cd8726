/** A plain node:http proxy, as short as people write it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { PROXY_CORE, startChild, waitForPort } from "../support/child.js";

export const nodeHttp: Contender = {
  name: "node:http",
  isFar: true,
  version: () => ({ version: process.version }),
  async start({ keys, upstreamPort, port, dir }) {
    writeFileSync(join(dir, "keys.json"), JSON.stringify(keys));
    const script = join(import.meta.dirname, "node-http-proxy.mjs");
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
