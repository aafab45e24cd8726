/**
 * Keeps strangers' HTTP/2 sessions from ending the process. In Node.js before 22.23.0 and 24.17.0 (nghttp2 before 1.68.1,
 * CVE-2026-27135) a GOAWAY, a request and a malformed frame in one read fail an assertion: Node.js closes the session from
 * within the callback for the request, and nghttp2 reads on. A session that closes outside of a read does not fail it.
 */
import type { ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { http2ServersOf } from "./http2-servers.js";

/** Call it once the server's connection injectors are made. @throws Error when grpc-js keeps its servers elsewhere */
export function guardSessions(grpc: Server): void {
  for (const server of http2ServersOf(grpc)) server.prependListener("session", closeLater);
}

function closeLater(session: ServerHttp2Session): void {
  const close = session.close.bind(session);
  session.close = (callback) => {
    // Of two calls the second one does nothing, and would drop its callback: from Node.js 24 on a server closes its sessions itself.
    if (callback !== undefined) session.once("close", callback);
    setImmediate(() => close());
  };
}
