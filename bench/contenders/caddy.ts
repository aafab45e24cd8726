/** Caddy: one processor, no access log, the same key check by a map, the method rewritten to POST. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { PROXY_CORE, startChild, waitForPort } from "../support/child.js";
import { processTree } from "../support/cpu-time.js";

export const caddy: Contender = {
  name: "Caddy",
  isFar: true,
  version() {
    const result = spawnSync("caddy", ["version"], { encoding: "utf8" });
    if (result.error !== undefined) return { absent: "caddy is not installed" };
    return { version: result.stdout.trim().split(" ")[0] ?? "?" };
  },
  async start({ keys, upstreamPort, port, dir }) {
    const rows = keys.map((key, i) => `\t\t${key} a${i}`).join("\n");
    writeFileSync(
      join(dir, "Caddyfile"),
      `{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
http://:${port} {
	bind 127.0.0.1
	map {header.Connxio-Api-Key} {api} {
${rows}
		default none
	}
	@unknown vars {api} none
	@routes path_regexp ^/(orders|orders/[^/]+|download|upload)$
	route {
		respond @unknown 401
		handle @routes {
			method POST
			reverse_proxy 127.0.0.1:${upstreamPort} {
				header_up -Connxio-Api-Key
				header_up ConfigCorrelationId {api}
				header_up InterchangeId {http.request.uuid}
				transport http {
					keepalive_idle_conns_per_host 256
				}
			}
		}
		respond 404
	}
}
`,
    );
    const env = { GOMAXPROCS: "1", HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
    const child = startChild(
      PROXY_CORE,
      "caddy",
      ["run", "--config", join(dir, "Caddyfile"), "--adapter", "caddyfile"],
      env,
    );
    await waitForPort(port, child);
    return { pids: () => processTree(child.pid), stop: () => child.stop() };
  },
};
