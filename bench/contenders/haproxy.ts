/** HAProxy: one thread, keep-alive and shared upstream connections, no log, the same key check by a map file. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { coresOf, startChild, waitForPort } from "../support/child.js";
import { processTree } from "../support/cpu-time.js";

export const haproxy: Contender = {
  name: "HAProxy",
  version() {
    const result = spawnSync("haproxy", ["-v"], { encoding: "utf8" });
    if (result.error !== undefined) return { absent: "haproxy is not installed" };
    return { version: /version ([\d.]+)/.exec(result.stdout)?.[1] ?? "?" };
  },
  async start({ keys, upstreamPort, port, dir, tls, workers }) {
    writeFileSync(join(dir, "keys.map"), keys.map((key, i) => `${key} a${i}`).join("\n"));
    writeFileSync(
      join(dir, "haproxy.cfg"),
      `global
  nbthread ${workers}
  maxconn 9950
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 30s
  option http-keep-alive
  http-reuse always
  option http-no-delay
frontend clients
  bind 127.0.0.1:${port} backlog 4096${tls === null ? "" : ` ssl crt ${tls.bothFile} ssl-min-ver TLSv1.2`}
  http-request set-var(txn.api) req.hdr(Connxio-Api-Key),map_str(${join(dir, "keys.map")})
  http-request return status 401 unless { var(txn.api) -m found }
  http-request return status 404 unless { path_reg ^/(orders|orders/[^/]+|download|upload|stream)$ }
  http-request del-header Connxio-Api-Key
  http-request set-method POST
  http-request set-header ConfigCorrelationId %[var(txn.api)]
  http-request set-header InterchangeId %[uuid()]
  option forwardfor
  default_backend integration
backend integration
  server one 127.0.0.1:${upstreamPort} maxconn 1024
`,
    );
    const child = startChild(coresOf(workers), "haproxy", ["-db", "-f", join(dir, "haproxy.cfg")]);
    await waitForPort(port, child);
    return { pids: () => processTree(child.pid), stop: () => child.stop() };
  },
};
