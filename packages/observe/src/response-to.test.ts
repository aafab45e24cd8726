import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { responseTo } from "./response-to.js";

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx";

it.each<[string, (socket: Socket) => void]>([
  ["switches protocols unasked", (socket) => socket.write(SWITCH)],
  ["sends what is no HTTP", (socket) => socket.write("hello\r\n\r\n")],
  ["ends the connection", (socket) => socket.end()],
  ["resets the connection", (socket) => socket.resetAndDestroy()],
  ["ends it behind an interim response", (socket) => socket.end("HTTP/1.1 103 Early Hints\r\n\r\n")],
])("fails when the other side %s", async (_, respond) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => respond(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const outgoing = request({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const response = responseTo(outgoing);
  outgoing.end();
  await expect(response).rejects.toThrow();
  server.close();
});
