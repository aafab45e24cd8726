import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { ListenError } from "@latchkey/config";
import { describe, expect, it } from "vitest";
import { listenOnFreePort } from "./free-port.js";

const HOST = "127.0.0.1";

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen({ host: HOST, port, exclusive: true });
  await once(server, "listening").catch((cause: unknown) => {
    throw new ListenError("client", HOST, port, "LATCHKEY_INGRESS_PORT", cause);
  });
  return server;
}

describe("a free port", () => {
  it("is another one where the first is taken after it was found", async () => {
    const servers: Server[] = [];
    const tried: number[] = [];
    const server = await listenOnFreePort(HOST, async (port) => {
      if (tried.push(port) === 1) servers.push(await listen(port));
      return await listen(port);
    });
    servers.push(server);
    expect(tried).toHaveLength(2);
    expect(tried[1]).not.toBe(tried[0]);
    expect(server.address()).toMatchObject({ port: tried[1] });
    for (const each of servers) each.close();
  });

  it("is given up after some that were taken, with the error of the last", async () => {
    const tried: number[] = [];
    const failing = listenOnFreePort(HOST, async (port) => {
      tried.push(port);
      const taken = await listen(port);
      return await listen(port).finally(() => taken.close());
    });
    await expect(failing).rejects.toThrow(/^port \d+ on 127\.0\.0\.1 is taken; /);
    expect(tried).toHaveLength(5);
  });

  it("is not looked for again after another error", async () => {
    const tried: number[] = [];
    const denied = new ListenError("client", HOST, 1, "LATCHKEY_INGRESS_PORT", { code: "EACCES" });
    const failing = listenOnFreePort(HOST, async (port) => {
      tried.push(port);
      throw denied;
    });
    await expect(failing).rejects.toBe(denied);
    expect(tried).toHaveLength(1);
    await expect(listenOnFreePort("203.0.113.9", listen)).rejects.toThrow(/203\.0\.113\.9 is no address/);
  });
});
