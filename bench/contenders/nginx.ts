/** nginx: one worker, keep-alive upstream, access log off, the same key check by a map, the method rewritten to POST. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import type { CertificateFiles } from "../support/certificate.js";
import { coresOf, startChild, waitForPort } from "../support/child.js";
import { processTree } from "../support/cpu-time.js";

export const nginx: Contender = {
  name: "nginx",
  version() {
    const result = spawnSync("nginx", ["-v"], { encoding: "utf8" });
    if (result.error !== undefined) return { absent: "nginx is not installed" };
    return { version: /nginx\/([\d.]+)/.exec(result.stderr)?.[1] ?? "?" };
  },
  async start({ keys, upstreamPort, port, dir, tls, workers }) {
    mkdirSync(join(dir, "temp"), { recursive: true });
    writeFileSync(join(dir, "keys.map"), keys.map((key, i) => `${key} /a${i};`).join("\n"));
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${join(dir, "temp", name)};`)
      .join("\n  ");
    writeFileSync(
      join(dir, "nginx.conf"),
      `worker_processes ${workers};
daemon off;
master_process on;
pid ${join(dir, "nginx.pid")};
error_log ${join(dir, "error.log")} crit;
events { worker_connections 16384; }
http {
  ${temp}
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  client_body_buffer_size 128k;
  map_hash_max_size 65536;
  map_hash_bucket_size 128;
  map $http_connxio_api_key $api { default ""; include ${join(dir, "keys.map")}; }
  upstream integration { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port}${tls === null ? "" : " ssl"} backlog=4096;
    ${tls === null ? "" : tlsLines(tls)}
    if ($api = "") { return 401; }
    proxy_method POST;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Connxio-Api-Key "";
    proxy_set_header ConfigCorrelationId $api;
    proxy_set_header InterchangeId $request_id;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_request_buffering off;
    location = /stream { proxy_buffering off; proxy_pass http://integration; }
    location ~ ^/(orders|orders/[^/]+|download|upload)$ { proxy_pass http://integration; }
    location / { return 404; }
  }
}
`,
    );
    const child = startChild(coresOf(workers), "nginx", ["-p", dir, "-c", join(dir, "nginx.conf")]);
    await waitForPort(port, child);
    return { pids: () => processTree(child.pid), stop: () => child.stop() };
  },
};

function tlsLines({ certFile, keyFile }: CertificateFiles): string {
  return `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ssl_protocols TLSv1.2 TLSv1.3;`;
}
