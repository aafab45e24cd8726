/** Resolves when it listens; a taken port rejects with the system's error (code EADDRINUSE and the port). */
import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

export async function listen(server: Server, options: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** The same for a verb with the option `--port`. @throws ListenError */
export async function listenOn(
  server: Server,
  what: string,
  options: { host: string; port: number },
): Promise<void> {
  try {
    await listen(server, options);
  } catch (cause) {
    const { ListenError } = await import("@latchkey/config"); // not for every command
    throw new ListenError(what, options.host, options.port, "--port", cause);
  }
}

/** Below those that systems give to connections (Linux from 32 768): none takes one before its server listens. */
const FREE_PORTS = { first: 12_000, last: 31_999 } as const;

/** Taken, or kept back by the system; with any other error no port can be had. */
const UNAVAILABLE = new Set(["EADDRINUSE", "EACCES"]);

/** A free port of loopback: `preferred`, or any other when that one is taken. */
export async function freePort(preferred = 0): Promise<number> {
  const { first, last } = FREE_PORTS;
  for (let port = preferred; ; port = randomInt(first, last + 1))
    if (port !== 0 && (await isFree(port))) return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, { host: "127.0.0.1", port });
  } catch (error) {
    if (UNAVAILABLE.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return true;
}
