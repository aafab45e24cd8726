import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ResponseHeaders } from "../codec/shared-headers.js";
import { TICK_MS, type Ticked, ticker } from "../io/ticker.js";
import { client, H, Seen, serve, text } from "../testing/test-server.js";
import type { ServerRequest } from "./server-request.js";

/** By the server's own clock, so that a busy machine changes nothing. */
const SECOND_TICKS = 1_000 / TICK_MS;
const GET = `GET / HTTP/1.1\r\n${H}\r\n`;

/** Serves event streams that stay quiet. @returns the ticks until the request was aborted */
async function ticksUntilAborted(send: (port: number) => Promise<void>): Promise<number> {
  let aborted = (): void => {};
  const over = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  const { port } = await serve((request) => {
    const seen = new Seen(request);
    seen.onEnd = aborted;
    request.writeHead(200, "OK", new ResponseHeaders(["content-type", "text/event-stream"]), -1);
    request.write(Buffer.from("data: 1\n\n"));
    return seen;
  });
  await send(port);
  const since = ticker.tick;
  await over;
  return ticker.tick - since;
}

/** Writes eight pieces, the last one long after a silent response would have been canceled. */
function drip(request: ServerRequest): void {
  let left = 8;
  const member: Ticked = {
    onTick: (tick) => {
      if (tick % 3 !== 0) return;
      request.write(Buffer.from("."));
      if (--left > 0) return;
      ticker.remove(member);
      request.end();
    },
  };
  ticker.add(member);
}

describe("a client that closed its side", () => {
  it("has its quiet response canceled within a second", async () => {
    const ticks = await ticksUntilAborted(async (port) => {
      const one = await client(port);
      one.send(GET);
      await one.untilText("data: 1");
      one.socket.end();
    });
    expect(ticks).toBeLessThanOrEqual(SECOND_TICKS);
  });

  it("has it canceled within a second behind a further request, too", async () => {
    const ticks = await ticksUntilAborted(async (port) => {
      const one = await client(port);
      one.send(GET + GET);
      await one.untilText("data: 1");
      one.socket.end();
    });
    expect(ticks).toBeLessThanOrEqual(SECOND_TICKS);
  });

  it("still gets a response that flows, however long it takes", async () => {
    const { port } = await serve((request) => {
      request.writeHead(200, "OK", new ResponseHeaders([]), -1);
      drip(request);
      return new Seen(request);
    });
    const one = await client(port);
    one.send(GET);
    one.socket.end();
    await one.untilEnded();
    expect(one.received.split("1\r\n.\r\n")).toHaveLength(9);
    expect(one.received).toMatch(/0\r\n\r\n$/);
  });

  it("still gets the responses to all requests that it had sent", async () => {
    const open: ServerRequest[] = [];
    const { port } = await serve((request) => {
      open.push(request);
      return new Seen(request);
    });
    const one = await client(port);
    one.send(`GET /1 HTTP/1.1\r\n${H}\r\nGET /2 HTTP/1.1\r\n${H}\r\nGET /3 HTTP/1.1\r\n${H}\r\nGET /4`);
    one.socket.end();
    for (let i = 0; i < 3; i++) {
      while (open.length <= i) await new Promise((resolve) => setImmediate(resolve));
      text(open[i]!, `response ${open[i]!.path};`);
    }
    await one.untilEnded();
    expect(one.received.match(/response [^;]+;/g)).toEqual(["response /1;", "response /2;", "response /3;"]);
    expect(one.statuses).toEqual([200, 200, 200, 400]);
  });
});

describe("a client that resets a connection which is not read from", () => {
  it("has its request canceled within a second behind many further requests", async () => {
    const ticks = await ticksUntilAborted(async (port) => {
      const one = await client(port);
      one.send(GET.repeat(2_000));
      await one.untilText("data: 1");
      one.socket.resetAndDestroy();
      await one.untilClosed();
    });
    expect(ticks).toBeLessThanOrEqual(SECOND_TICKS);
  });

  it("has its upload canceled within a second while nobody takes it", async () => {
    let heard = (): void => {};
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        heard = resolve;
      });
    const { port } = await serve((request) => {
      const seen = new Seen(request);
      seen.onData = () => {
        request.pause();
        heard();
      };
      seen.onEnd = () => heard();
      return seen;
    });
    const one = await client(port);
    const paused = next();
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: 1000000\r\n\r\n${"x".repeat(200_000)}`);
    await paused;
    const aborted = next();
    const since = ticker.tick;
    one.socket.resetAndDestroy();
    await aborted;
    expect(ticker.tick - since).toBeLessThanOrEqual(SECOND_TICKS);
  });

  it("is not taken for gone while its upload waits", async () => {
    const { port } = await serve((request) => {
      const seen = new Seen(request);
      seen.onData = () => request.pause();
      seen.onEnd = () => text(request, `${seen.aborted ? "aborted" : "whole"} ${seen.body.length}`);
      const since = ticker.tick;
      const member: Ticked = {
        onTick: (tick) => {
          if (tick - since < 2 * SECOND_TICKS) return;
          seen.onData = null;
          request.resume();
          ticker.remove(member);
        },
      };
      ticker.add(member);
      return seen;
    });
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: 200000\r\n\r\n${"x".repeat(200_000)}`);
    await one.untilText("whole 200000");
  });
});

describe("a client that waits for a quiet response", () => {
  it.each(["before its head", "within its body"])("is not timed, %s", async (place) => {
    const short = { idleTimeoutMs: 200, headTimeoutMs: 200, bodyIdleTimeoutMs: 200, writeTimeoutMs: 200 };
    const { port } = await serve((request) => {
      if (place === "within its body") request.writeHead(200, "OK", new ResponseHeaders([]), 4);
      const since = ticker.tick;
      const member: Ticked = {
        onTick: (tick) => {
          if (tick - since < 2 * SECOND_TICKS) return;
          ticker.remove(member);
          if (place === "before its head") request.writeHead(200, "OK", new ResponseHeaders([]), 4);
          request.write(Buffer.from("late"));
          request.end();
        },
      };
      ticker.add(member);
      return new Seen(request);
    }, short);
    const one = await client(port);
    one.send(GET);
    await one.untilText("late");
    expect(one.statuses).toEqual([200]);
  });
});

/** Kernel timer of an accepted connection of this port: `02` is keep-alive (proc_net_tcp in the kernel's documentation). */
function timerOf(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const fields = lines
    .map((line) => line.trim().split(/ +/))
    .find(([, local, , state]) => local?.endsWith(`:${hex}`) === true && state === "01");
  return fields?.[5]?.slice(0, 2);
}

it.runIf(process.platform === "linux")(
  "probes clients that are silent, to find those that vanished",
  async () => {
    const { port } = await serve((request) => new Seen(request));
    const one = await client(port);
    one.send(GET);
    while (timerOf(port) !== "02") {
      if (one.closed) throw new Error("closed");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
);
