/**
 * Large bodies through a node in a process of its own, whose memory is looked at. LATCHKEY_TEST_STREAM_MIB=1024 runs
 * the whole of it; without it less, since the machine is shared.
 */
import { createHash } from "node:crypto";
import { request } from "node:http";
import { Upstream } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { Program } from "./testing/program.js";
import { aKey, anApi, anIntegration, aRoute, engines, served, World } from "./testing/world.js";

const MIB = 1024 * 1024;
const sizeMib = process.env.LATCHKEY_TEST_STREAM_MIB;
/** More than the limit together with the process's own 80 MiB, so that a node that collects bodies fails. */
const SIZE = Number(sizeMib ?? 160) * MIB;
const RSS_MAX = 200 * MIB;
const piece = Buffer.alloc(64 * 1024, "latchkey");
const key = aKey("key_1", "api_1");

/** Takes the body of an upload and responds with its length and hash, or sends a download. */
function heavy(): Promise<Upstream> {
  return Upstream.start({
    onHead: (seen, socket, rest) => {
      if (seen.target === "/down") {
        let left = SIZE;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`);
        const pump = (): void => {
          while (left > 0) {
            left -= piece.length;
            if (!socket.write(piece)) {
              socket.once("drain", pump);
              return;
            }
          }
        };
        pump();
        return true;
      }
      const hash = createHash("sha256");
      let bytes = 0;
      const take = (chunk: Buffer): void => {
        hash.update(chunk);
        bytes += chunk.length;
        if (bytes < SIZE) return;
        const body = `${bytes} ${hash.digest("hex")}`;
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      };
      socket.on("data", take);
      take(rest);
      return true;
    },
  });
}

function expectedHash(): string {
  const hash = createHash("sha256");
  for (let done = 0; done < SIZE; done += piece.length) hash.update(piece);
  return hash.digest("hex");
}

async function rssOf(adminPort: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/^latchkey_process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
}

describe.each(engines)("large bodies over %s", (engine) => {
  it("hold the process under 200 MiB, up and down", { timeout: 300_000 }, async () => {
    await using upstream = await heavy();
    await using world = await World.empty();
    world.server.load(
      served(
        anIntegration("int_up", `${upstream.url}/up`),
        anIntegration("int_down", `${upstream.url}/down`),
        anApi("api_1", [aRoute("POST", "/up", "int_up"), aRoute("GET", "/down", "int_down")]),
        key.resource,
      ),
    );
    await using node = new Program(world, {
      LATCHKEY_INGRESS_ENGINE: engine,
      LATCHKEY_INGRESS_LIMITS_REQUEST_BODY_BYTES_MAX: String(2 * SIZE),
    });
    const { port, adminPort } = await node.ports();
    await world.server.acked();
    let peak = 0;
    let isDone = false;
    const watch = (async () => {
      while (!isDone) {
        peak = Math.max(peak, await rssOf(adminPort));
        await new Promise((resolve) => setTimeout(resolve, 100)); // sampling
      }
    })();

    const response = await upload(port);
    expect(response).toBe(`${SIZE} ${expectedHash()}`);
    expect(await download(port)).toEqual({ bytes: SIZE, hash: expectedHash() });
    isDone = true;
    await watch;
    console.log(`${engine}: peak ${Math.round(peak / MIB)} MiB for ${SIZE / MIB} MiB up and down`);
    expect(peak).toBeLessThan(RSS_MAX);
  });
});

function upload(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "connxio-api-key": key.secret, "content-length": SIZE };
    const sent = request({ port, host: "127.0.0.1", method: "POST", path: "/up", headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve(body));
      response.on("error", reject);
    });
    sent.on("error", reject);
    let left = SIZE;
    const pump = (): void => {
      while (left > 0) {
        left -= piece.length;
        if (!sent.write(piece)) {
          sent.once("drain", pump);
          return;
        }
      }
      sent.end();
    };
    pump();
  });
}

function download(port: number): Promise<{ readonly bytes: number; readonly hash: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "connxio-api-key": key.secret };
    const sent = request({ port, host: "127.0.0.1", path: "/down", headers }, (response) => {
      const hash = createHash("sha256");
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      response.on("end", () => resolve({ bytes, hash: hash.digest("hex") }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}
