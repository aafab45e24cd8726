// No gateway at all: bytes go to the upstream of the first key in them, and back. Everything that a row forbids
// happens here, so the suite must notice it.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Origin, Target } from "../support/target.js";
import { passThrough } from "./nginx.js";

export const relay: Target = {
  name: "relay",
  can: new Set(),
  slowDeadlineMs: 2_000,
  async start(origins) {
    const sockets = new Set<Socket>();
    const server = createServer((client) => forward(client, origins, sockets));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      port,
      shortPort: port,
      version: "a relay",
      isAlive: () => true,
      stop: () => stop(server, sockets),
    };
  },
  rewrite: passThrough(
    new Map([
      ["host", /^.*$/],
      ["connxio-api-key", /^.*$/],
      ["content-length", /^\d+$/],
    ]),
  ),
};

function forward(client: Socket, origins: readonly Origin[], sockets: Set<Socket>): void {
  let seen = "";
  let upstream: Socket | null = null;
  const track = (socket: Socket, other: () => Socket | null) => {
    sockets.add(socket);
    socket.on("error", () => other()?.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other()?.destroy();
    });
  };
  track(client, () => upstream);
  client.on("data", (chunk: Buffer) => {
    if (upstream !== null) {
      upstream.write(chunk);
      return;
    }
    seen += chunk.toString("latin1");
    const origin = origins.find(({ key }) => seen.includes(key));
    if (origin === undefined) return;
    upstream = connect(origin.port, "127.0.0.1");
    track(upstream, () => client);
    upstream.pipe(client);
    upstream.write(Buffer.from(seen, "latin1"));
  });
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
