/** A port of its own for all workers, where the configuration leaves the choice: each of them asks for it by number. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ListenError } from "@latchkey/config";

const TRIES = 5;

/**
 * Listens on a port that is free. An outgoing connection may take it after it was found: then the next one is tried.
 * @param listen rejects with ListenError where it cannot
 * @throws ListenError
 */
export async function listenOnFreePort<T>(host: string, listen: (port: number) => Promise<T>): Promise<T> {
  for (let triesLeft = TRIES - 1; ; triesLeft--) {
    const port = await freePort(host);
    try {
      return await listen(port);
    } catch (cause) {
      if (triesLeft === 0 || !(cause instanceof ListenError) || !cause.isTaken) throw cause;
    }
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen({ host, port: 0 });
  await once(server, "listening").catch((cause: unknown) => {
    throw new ListenError("client", host, 0, "LATCHKEY_INGRESS_PORT", cause);
  });
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
