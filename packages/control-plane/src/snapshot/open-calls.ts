/**
 * Bounds what a call that needs no token (health, reflection) may send. The server takes messages of up to a megabyte from nodes,
 * and gRPC keeps a message until it is whole: a call that sends more than this is reset before that.
 */
import { constants } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { SnapshotServiceService } from "@latchkey/proto";
import { http2ServersOf } from "./http2-servers.js";

/** All requests of one call: the name of a service, or what a client asks of reflection. */
const OPEN_CALL_BYTES_MAX = 4 * 1024;

/** Call it once the server's connection injectors are made. @throws Error when grpc-js keeps its servers elsewhere */
export function boundOpenCalls(grpc: Server): void {
  for (const server of http2ServersOf(grpc))
    server.prependListener("stream", (stream, headers) => {
      // Ended at once without a token.
      if (headers[":path"] === SnapshotServiceService.subscribe.path) return;
      let bytes = 0;
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > OPEN_CALL_BYTES_MAX) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      });
    });
}
