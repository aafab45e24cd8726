/** Resolves when it listens; a taken port rejects with the system's error (code EADDRINUSE and the port). */
import { type AddressInfo, createServer, type Server } from "node:net";

export async function listen(server: Server, options: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A port of loopback that was free a moment ago: `preferred`, or any other when that one is taken. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  try {
    await listen(server, { host: "127.0.0.1", port: preferred });
  } catch (error) {
    if (preferred === 0) throw error;
    return await freePort();
  }
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
