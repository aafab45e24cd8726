/** The HTTP/2 servers within a gRPC server, which grpc-js shows to nobody. */
import type { Http2Server } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** Call it once the server's connection injectors are made. @throws Error when grpc-js keeps its servers elsewhere */
export function http2ServersOf(grpc: Server): readonly Http2Server[] {
  const { http2Servers } = grpc as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  if (http2Servers === undefined || http2Servers.size === 0) throw new Error("grpc-js has no HTTP/2 server");
  return [...http2Servers.keys()];
}
