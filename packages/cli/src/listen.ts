/** Listens and answers when it does; a taken port rejects with the system's error (code EADDRINUSE and the port). */
import type { Server } from "node:net";

export async function listen(server: Server, options: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
