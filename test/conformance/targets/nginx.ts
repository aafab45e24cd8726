// nginx as people run it in front of an application: one worker, keep-alive upstream, streaming both ways, and the
// same key check as the others. Nothing is tightened or loosened beyond the limits the suite needs.
import type { Forwarded } from "../support/row.js";
import {
  bodyBytesMax,
  type ExpectedRequest,
  type Origin,
  ordinaryTimeouts,
  type ShortTimeouts,
  type Target,
} from "../support/target.js";
import { startPeer, versionText } from "./peer-process.js";

const command = "/usr/sbin/nginx";

export const nginx: Target = {
  name: "nginx",
  can: new Set(["limits", "body-limit", "reads-timeouts"]),
  slowDeadlineMs: 20_000,
  start: (origins, timeouts) =>
    startPeer({
      command,
      files: (folder, port, shortPort) =>
        new Map([["nginx.conf", configText(folder, port, shortPort, origins, timeouts)]]),
      args: (folder) => ["-c", `${folder}/nginx.conf`, "-p", folder],
      version: async () => `nginx ${/nginx\/(\S+)/.exec(await versionText(command, "-v"))?.[1] ?? "?"}`,
    }),
  rewrite: passThrough(
    new Map([
      ["connection", /^keep-alive$/],
      ["host", /^.*$/],
      ["content-length", /^\d+$/],
      ["transfer-encoding", /^chunked$/i],
    ]),
  ),
};

/** A proxy that changes nothing but the hop's own headers. */
export function passThrough(added: ReadonlyMap<string, RegExp>): (request: Forwarded) => ExpectedRequest {
  return ({ method, target, headers, body, optional }) => ({
    method,
    targets: [target],
    headers,
    added: new Map([...added, ...optional.map((name) => [name.toLowerCase(), /^/] as const)]),
    body,
  });
}

function configText(
  folder: string,
  port: number,
  shortPort: number,
  origins: readonly Origin[],
  short: ShortTimeouts,
): string {
  const upstreams = origins.map(
    (origin, index) => `upstream row${index} { server 127.0.0.1:${origin.port} max_fails=0; keepalive 8; }`,
  );
  const keys = origins.map((origin, index) => `"${origin.key}" row${index};`);
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map_hash_bucket_size 256;
  map_hash_max_size 4096;
  client_max_body_size ${bodyBytesMax};
  map $http_connxio_api_key $row { default ""; ${keys.join("\n")} }
  ${upstreams.join("\n  ")}
  ${serverText(port, ordinaryTimeouts)}
  ${serverText(shortPort, short)}
}
`;
}

function serverText(port: number, { clientMs, upstreamMs }: ShortTimeouts): string {
  const time = `${clientMs}ms`;
  return `server {
    listen 127.0.0.1:${port};
    client_header_timeout ${time};
    client_body_timeout ${time};
    keepalive_timeout ${time};
    proxy_read_timeout ${upstreamMs}ms;
    location / {
      if ($row = "") { return 401; }
      proxy_pass http://$row;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Connxio-Api-Key "";
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }`;
}
