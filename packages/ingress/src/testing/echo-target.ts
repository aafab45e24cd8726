import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

/** A WebSocket server that sends back what it gets, in the protocol that it is asked for. Tests only. */
export class EchoTarget implements Disposable {
  readonly server: Server = createServer((_req, res) => void res.end("plain"));
  readonly sockets: WebSocket[] = [];
  readonly handshakes: IncomingMessage[] = [];
  /** Codes of the closed ones. */
  readonly closed: number[] = [];

  static async start(): Promise<EchoTarget> {
    const target = new EchoTarget();
    const all = new WebSocketServer({
      server: target.server,
      perMessageDeflate: true,
      handleProtocols: (protocols) => [...protocols][0] ?? false,
    });
    all.on("connection", (socket, request) => {
      target.sockets.push(socket);
      target.handshakes.push(request);
      socket.on("message", (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("close", (code) => target.closed.push(code));
      socket.on("error", () => undefined);
    });
    target.server.listen(0, "127.0.0.1");
    await once(target.server, "listening");
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket.terminate();
    this.server.closeAllConnections();
    this.server.close();
  }
}
