import { connect, type Socket } from "node:net";

/** A connection that may be refused or reset at any moment. */
export async function carelessSocket(port: number): Promise<Socket> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => resolve(socket));
    socket.once("connect", () => resolve(socket));
  });
}
