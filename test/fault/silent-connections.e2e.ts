/** Connections without a request, which take the descriptors that others need. */
import type { Socket } from "node:net";
import { eventually, RawClient, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { carelessSocket } from "./support/careless-socket.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const HEAD = `Host: localhost\r\nConnxio-Api-Key: ${key}\r\n`;

const DESCRIPTORS = 512;
const idlers = rounds(700, 700, 4_000);

fault(
  {
    row: "31, 55",
    fault: `${idlers} silent connections without a key at a node that may open ${DESCRIPTORS} files`,
    holds: "the node goes on: it serves others, takes changes, and recovers by itself",
    target: "0 process ends; others are served",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const resources = resourcesOf({ a: `${upstream.url}/` });
    await using node = await SmallNode.start(resources, {
      descriptors: DESCRIPTORS,
      env: {
        LATCHKEY_INGRESS_ENGINE: "strict",
        LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "0",
        LATCHKEY_INGRESS_LIMITS_HEADER_TIMEOUT_MS: "600000", // they are not to go by themselves
      },
    });
    const { pid } = node.process;
    const sockets: Socket[] = [];
    let closed = 0;
    for (let left = idlers; left > 0; left -= 50)
      for (const socket of await Promise.all(Array.from({ length: 50 }, () => carelessSocket(node.port)))) {
        socket.on("close", () => closed++);
        socket.on("end", () => socket.destroy());
        socket.resume();
        sockets.push(socket);
      }
    // A connection that has just come is no idle one yet: some of these are refused with 503.
    let served = 0;
    let refused = 0;
    while (served < 20) {
      const { status } = await shoot({ url: `${node.url}/a`, key }).catch(() => ({ status: 503 }));
      if (status === 200) served++;
      else if (status === 503) refused++;
      else throw new Error(`status ${status}`);
    }
    node.server.change(resourcesOf({ a: `${upstream.url}/`, b: `${upstream.url}/` }), []);
    await node.server.acked();
    expect((await shoot({ url: `${node.url}/b`, key })).status).toBe(200);
    const held = await node.metric("latchkey_ingress_connections");
    expect(held).toBeLessThan(DESCRIPTORS / 2);
    const gone = closed;
    for (const socket of sockets) socket.destroy();
    await eventually(
      async () => ((await node.metric("latchkey_ingress_connections")) <= 2 ? true : undefined),
      "the sockets are freed",
    );
    expect((await shoot({ url: `${node.url}/a`, key })).status).toBe(200);
    expect(node.process.pid).toBe(pid);
    expect(node.process.output).toContain("ulimit -n");
    return `${held} of ${idlers} held, ${gone} refused or closed for others; 20 new clients served meanwhile, ${refused} told to come again within the first second; a change applied; 0 process ends`;
  },
);

/** The library takes what waits in the system's queue, up to 512, before anybody can look. */
const UWS_DESCRIPTORS = 4_096;
const UWS_IDLERS = 4_300;

if (engines.includes("uws"))
  fault(
    {
      row: "31, 55",
      fault: `${UWS_IDLERS} silent connections without a key at a node that may open ${UWS_DESCRIPTORS} files, front uws`,
      holds:
        "it serves those that are connected, responds at its admin port, and takes new clients again by itself",
      target: "0 process ends; those that are connected are served",
    },
    async () => {
      await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
      await using other = await Upstream.start({ behaviour: () => ({ body: "well" }) });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/`, b: `${other.url}/` }), {
        descriptors: UWS_DESCRIPTORS,
        env: { LATCHKEY_INGRESS_ENGINE: "uws", LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "0" },
      });
      const { pid } = node.process;
      using client = await RawClient.connect(node.port);
      const ask = async (path: string) => {
        client.send(`POST ${path} HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`);
        return (await client.response()).status;
      };
      expect(await ask("/a")).toBe(200);
      const sockets: Socket[] = [];
      for (let left = UWS_IDLERS; left > 0; left -= 50)
        sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => carelessSocket(node.port)))));
      // Those that leave free low numbers, which says nothing of how many are left.
      for (let i = 0; i < 6; i++) {
        for (const socket of sockets.splice(0, 3)) socket.destroy();
        for (let left = 500; left > 0; left -= 50)
          sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => carelessSocket(node.port)))));
      }
      const held = sockets.filter(({ readyState }) => readyState !== "closed").length;
      // It needs a connection of its own to the other integration.
      expect([await ask("/a"), await ask("/b")]).toEqual([200, 200]);
      expect((await shoot({ url: `${node.adminUrl}/healthz` })).status).toBe(200);
      await eventually(
        async () => ((await askAnew(node.url)) === 200 ? true : undefined),
        "new clients are served",
      );
      for (const socket of sockets) socket.destroy();
      expect(node.process.pid).toBe(pid);
      expect(node.process.output).toContain("server_full");
      return `${held} of ${UWS_IDLERS} held; both integrations served meanwhile, and a new client once the silent ones were closed; 0 process ends`;
    },
  );

/** Of a client that connects. @returns its status, or 0 without a connection */
async function askAnew(url: string): Promise<number> {
  return await shoot({ url: `${url}/a`, key }).then(
    ({ status }) => status,
    () => 0,
  );
}
