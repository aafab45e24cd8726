// HAProxy with one thread, keep-alive upstream and the same key check as the others. Its own defaults decide the rest.
import { longTimeoutMs, type Origin, type ShortTimeouts, type Target } from "../support/target.js";
import { passThrough } from "./nginx.js";
import { startPeer, versionText } from "./peer-process.js";

const command = "/usr/sbin/haproxy";

export const haproxy: Target = {
  name: "HAProxy",
  can: new Set(["limits", "reads-timeouts"]),
  slowDeadlineMs: 20_000,
  start: (origins, timeouts) =>
    startPeer({
      command,
      files: (folder, port, shortPort) =>
        new Map([
          ["haproxy.cfg", configText(folder, port, shortPort, origins, timeouts)],
          ["keys.map", origins.map((origin, index) => `${origin.key} row${index}\n`).join("")],
        ]),
      args: (folder) => ["-db", "-f", `${folder}/haproxy.cfg`],
      version: async () =>
        `HAProxy ${/version (\d+\.\d+\.\d+)/.exec(await versionText(command, "-v"))?.[1] ?? "?"}`,
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

function configText(
  folder: string,
  port: number,
  shortPort: number,
  origins: readonly Origin[],
  short: ShortTimeouts,
): string {
  const backends = origins.map(
    (origin, index) =>
      `backend row${index}\n  http-request set-timeout server ${short.upstreamMs}ms if { var(txn.short) -m bool }\n  server upstream 127.0.0.1:${origin.port}\n`,
  );
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout server ${longTimeoutMs}ms
  option http-keep-alive
  http-reuse safe
${frontendText("ordinary", port, longTimeoutMs, folder)}
${frontendText("short", shortPort, short.clientMs, folder)}
backend refused
  http-request return status 401
${backends.join("")}
`;
}

function frontendText(name: string, port: number, timeoutMs: number, folder: string): string {
  return `frontend ${name}
  bind 127.0.0.1:${port}
  timeout client ${timeoutMs}ms
  timeout http-request ${timeoutMs}ms
  timeout http-keep-alive ${timeoutMs}ms
  http-request set-var(txn.short) bool(${name === "short"})
  http-request set-var(txn.row) req.hdr(connxio-api-key),map(${folder}/keys.map,refused)
  http-request del-header connxio-api-key
  use_backend %[var(txn.row)]
  default_backend refused`;
}
