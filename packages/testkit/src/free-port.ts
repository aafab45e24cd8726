/** Ports for servers that start again on the port that they had. */
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that Linux gives to connections (from 32 768): nobody takes one while its server is away. */
const FIRST = 12_000;
const LAST = 31_999;
/** Counts up, so that two calls never get the same port; from a random one, so that two processes rarely do. */
let next = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));

/** A free port of the loopback. Unlike one that the system chooses, it is still free when its server starts again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = port === LAST ? FIRST : port + 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
