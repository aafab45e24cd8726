/** More than a node can hold: twice the requests it may have in flight, and bodies that it collects to check them. */
import { connect, type Socket } from "node:net";
import { anApi, anIntegration, aRoute, eventually, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

const IN_FLIGHT_MAX = 100;
const HELD_MIB_MAX = 16;
const BODY_MIB = 3;
const MIB = 1024 * 1024;

/** Sends all of a body but its last byte, as fast as it is taken. Resolves with the status that comes before it, if any. */
function slowUpload(port: number, sockets: Socket[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    let text = "";
    const head = `POST /checked HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: ${BODY_MIB * MIB}\r\n\r\n`;
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      resolve(text.slice(9, 12));
    });
    socket.on("error", () => resolve(text.slice(9, 12) || "cut"));
    socket.on("close", () => resolve(text.slice(9, 12) || "cut"));
    socket.write(head);
    socket.write(Buffer.alloc(BODY_MIB * MIB - 1, 0x20));
  });
}

fault(
  {
    row: "47",
    fault: "twice the requests and ten times the bodies that a node may hold, again and again",
    holds:
      "what is too much gets 503 gateway.overloaded, what was taken gets its response, memory is bounded",
    target: "no OOM kill at 2× overload for 5 min",
  },
  async () => {
    let release = (): void => undefined;
    let released = Promise.resolve();
    const hold = () => {
      released = new Promise((resolve) => {
        release = resolve;
      });
    };
    await using upstream = await Upstream.start({
      behaviour: async (request) => {
        if (request.target.includes("/slow")) await released;
        return { body: "well" };
      },
    });
    const checked = anIntegration("int_checked", `${upstream.url}/`, { requestSchema: '{"type":"object"}' });
    const targets = resourcesOf({ a: `${upstream.url}/`, slow: `${upstream.url}/slow` });
    const api = anApi("api_1", [
      aRoute("ANY", "/a", "int_a"),
      aRoute("ANY", "/slow", "int_slow"),
      { ...aRoute("POST", "/checked", "int_checked"), validate: true },
    ]);
    await using node = await SmallNode.start(
      [...targets.filter(({ kind }) => kind !== "api"), ...served(checked, api)],
      {
        env: {
          LATCHKEY_INGRESS_LIMITS_IN_FLIGHT_MAX: String(IN_FLIGHT_MAX),
          LATCHKEY_INGRESS_LIMITS_BUFFERED_BYTES_MAX: String(HELD_MIB_MAX * MIB),
          LATCHKEY_INGRESS_LIMITS_CONNECTIONS_MAX: "2000",
        },
      },
    );
    const { pid } = node.process;
    const warm = new Traffic(2, () => ({ url: `${node.url}/a`, key }));
    await warm.more(200);
    expect((await warm.stop()).reasons).toEqual([]);
    const before = node.rssMib;
    let worst = before;
    const look = setInterval(() => {
      worst = Math.max(worst, node.rssMib);
    }, 20);
    const counts = { finished: 0, shed: 0, uploadsShed: 0, uploadsHeld: 0 };
    const untilMs = performance.now() + rounds(0, 10_000, 300_000);
    try {
      do {
        hold();
        const inFlight = async () => node.metric("latchkey_ingress_in_flight");
        const responses = Array.from({ length: 2 * IN_FLIGHT_MAX }, () =>
          shoot({ url: `${node.url}/slow`, key, method: "POST", body: "x".repeat(10_000) }),
        );
        let settled = 0;
        for (const response of responses)
          response.then(
            () => settled++,
            () => settled++,
          );
        await eventually(
          async () => (settled === IN_FLIGHT_MAX && (await inFlight()) === IN_FLIGHT_MAX ? true : undefined),
          "half is in flight and half is refused",
        );
        release();
        for (const { status, error } of await Promise.all(responses)) {
          expect([200, "503 gateway.overloaded"]).toContain(status === 200 ? 200 : `${status} ${error}`);
          if (status === 200) counts.finished++;
          else counts.shed++;
        }
        await node.isIdle();

        const sockets: Socket[] = [];
        const uploads = Array.from({ length: (10 * HELD_MIB_MAX) / BODY_MIB }, () =>
          slowUpload(node.port, sockets),
        );
        let shed = 0;
        for (const upload of uploads)
          void upload.then((status) => {
            if (status === "503" || status === "cut") shed++;
          });
        await eventually(async () => (shed > uploads.length / 2 ? true : undefined), "most are refused");
        counts.uploadsShed += shed;
        counts.uploadsHeld += uploads.length - shed;
        // Others are served while the room is full.
        for (let i = 0; i < 20; i++) expect((await shoot({ url: `${node.url}/a`, key })).status).toBe(200);
        for (const socket of sockets) socket.destroy();
        const fits = {
          url: `${node.url}/checked`,
          key,
          method: "POST",
          headers: { "content-type": "application/json" },
        };
        await eventually(
          async () =>
            (await shoot({ ...fits, body: "{}".padEnd(BODY_MIB * MIB) })).status === 200 ? true : undefined,
          "bodies are taken again",
        );
      } while (performance.now() < untilMs);
    } finally {
      clearInterval(look);
    }
    expect(counts.finished).toBe(counts.shed);
    expect(node.process.pid).toBe(pid);
    // Garbage of what was read, and the allocator's own, come on top; unbounded it were ten times the limit.
    expect(worst - before).toBeLessThan(HELD_MIB_MAX * 10);
    return `${counts.finished} finished, ${counts.shed} shed with 503 in time; of ${counts.uploadsShed + counts.uploadsHeld} uploads of ${BODY_MIB} MiB ${counts.uploadsHeld} held or in socket buffers (limit set to ${HELD_MIB_MAX} MiB together), the others shed; RSS ${before.toFixed(0)} → at most ${worst.toFixed(0)} MiB`;
  },
  { timeoutMs: rounds(300_000, 300_000, 600_000) },
);
