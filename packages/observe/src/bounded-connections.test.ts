import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { boundConnections } from "./bounded-connections.js";

it("closes the connection without a request for longest for a new one, and keeps the others", async () => {
  const server = createServer((_req, res) => res.end("ok"));
  boundConnections(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = new Set<Socket>();
  async function connection(): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    open.add(socket);
    socket.on("error", () => undefined).once("close", () => open.delete(socket));
    await once(server, "connection");
    return socket;
  }
  const ask = (socket: Socket): Promise<unknown> => {
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return once(socket, "data");
  };
  const scraper = await connection();
  const silent: Socket[] = [];
  for (let i = 0; i < 63; i++) silent.push(await connection());
  await ask(scraper);
  const gone = once(silent[0] as Socket, "close");
  await ask(await connection());
  await gone;
  expect([open.size, open.has(scraper), open.has(silent[1] as Socket)]).toEqual([64, true, true]);
  for (const socket of open) socket.destroy();
  server.close();
});
