import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { ResponseHeaders } from "../codec/shared-headers.js";
import { RawClient } from "../testing/raw-client.js";
import { client, echo, H, Seen, serve, text } from "../testing/test-server.js";
import { ConnectionMemo } from "./connection-memo.js";
import { Http1Server } from "./server.js";
import type { ServerRequest } from "./server-request.js";

function respondLater(request: ServerRequest): Seen {
  setImmediate(() => text(request, "last"));
  return new Seen(request);
}

async function untilUnconnected(server: Http1Server): Promise<void> {
  while (server.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe("ends of connections", () => {
  it("tells the listener that the client left, at each stage", async () => {
    const all: Seen[] = [];
    const aborted: Promise<unknown>[] = [];
    const { port, server } = await serve((request) => {
      const seen = new Seen(request);
      all.push(seen);
      aborted.push(
        new Promise((resolve) => {
          seen.onEnd = () => seen.aborted && resolve(undefined);
        }),
      );
      if (request.path === "/sent") request.writeHead(200, "OK", new ResponseHeaders([]), 10);
      return seen;
    });
    const raws = [
      `GET /open HTTP/1.1\r\n${H}\r\n`,
      `GET /sent HTTP/1.1\r\n${H}\r\n`,
      `POST /body HTTP/1.1\r\n${H}Content-Length: 9\r\n\r\nab`,
    ];
    for (const [i, raw] of raws.entries()) {
      const one = await client(port);
      one.send(raw);
      while (all.length <= i) await new Promise((resolve) => setImmediate(resolve));
      one.socket.resetAndDestroy();
      await aborted[i];
      expect(all[i]!.request.state).toBe("aborted");
      // Methods of what is over are no-ops.
      all[i]!.request.write(Buffer.from("x"));
      all[i]!.request.end();
      all[i]!.request.abort();
    }
    await untilUnconnected(server);
  });

  it("responds to a client that closed its sending side", async () => {
    const seen: Seen[] = [];
    const { port } = await serve((request) => {
      if (request.path === "/other") return echo(request);
      seen.push(new Seen(request));
      return seen[0]!;
    });
    const one = await client(port);
    one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    one.socket.end();
    await once(one.socket, "finish");
    // The server has seen the end by the time it responds to what came later.
    const other = await client(port);
    other.send(`GET /other HTTP/1.1\r\n${H}\r\n`);
    await other.untilText("/other");
    text(seen[0]!.request, "late but there");
    await one.untilEnded();
    expect(one.error).toBeNull();
    expect(one.received).toContain("late but there");
    expect(one.received).toContain("connection: close");
  });

  it("drops a response whose connection is closed before it leaves, and goes on", async () => {
    let handled = 0;
    const { port, server } = await serve((request) => {
      handled++;
      text(request, "never sent");
      server.destroy();
      return new Seen(request);
    });
    const one = await client(port);
    one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    await one.untilEnded();
    expect([handled, one.received]).toEqual([1, ""]);
  });

  it.each<[string, (request: ServerRequest) => Seen | null]>([
    ["later", respondLater],
    [
      "immediate",
      (request) => {
        text(request, "last");
        return null;
      },
    ],
  ])(
    "closes at once behind the %s response to a whole request that asked for the end",
    async (_when, onRequest) => {
      const { port, server } = await serve(onRequest, { lingerTimeoutMs: 3_600_000 });
      const one = await client(port); // which keeps its own side open
      one.send(`GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
      await untilUnconnected(server);
      await one.untilEnded();
      expect([one.error, one.statuses]).toEqual([null, [200]]);
    },
  );

  it("reads on behind the last response where more has come than the request", async () => {
    const { port, server } = await serve(respondLater, { lingerTimeoutMs: 3_600_000 });
    const one = await client(port);
    one.send(`GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\nmore`);
    await one.untilText("last");
    one.send("still more");
    await one.untilEnded();
    expect([one.error, server.connections()]).toEqual([null, 1]);
  });

  it("closes for a client that closed its sending side within a body that has its response already", async () => {
    const { port, server } = await serve(
      (request) => {
        text(request, "early");
        return null;
      },
      { bodyIdleTimeoutMs: 3_600_000 },
    );
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: 9\r\n\r\nab`);
    await one.untilText("early");
    one.socket.end();
    await one.untilEnded();
    await untilUnconnected(server);
    expect(one.error).toBeNull();
  });

  it("aborts for a client that closed its sending side and has no response soon", async () => {
    const all: Seen[] = [];
    const aborted = new Promise<void>((resolve) => {
      void serve((request) => {
        const seen = new Seen(request);
        seen.onEnd = resolve;
        all.push(seen);
        return seen;
      }).then(async ({ port }) => {
        const one = await client(port);
        one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
        one.socket.end();
      });
    });
    await aborted;
    expect(all[0]).toMatchObject({ aborted: true, request: { state: "aborted" } });
  });

  it("responds 400 to a head or body that ends early", async () => {
    const { port, refused } = await serve(echo);
    for (const raw of [`GET / HTTP/1.1\r\n${H}`, `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nab`]) {
      const one = await client(port);
      one.send(raw);
      one.socket.end();
      await one.untilEnded();
      expect(one.statuses).toEqual([400]);
    }
    expect(refused).toEqual(["message_truncated", "message_truncated"]);
    const quiet = await client(port);
    quiet.socket.end();
    await quiet.untilEnded();
    expect(quiet.received).toBe("");
  });

  it.each([
    ["Connection: close", `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`],
    ["HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"],
    ["HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
  ])("closes after %s", async (_name, raw) => {
    const { port } = await serve(echo);
    const one = await client(port);
    one.send(raw + raw);
    await one.untilEnded();
    expect(one.statuses).toEqual([200]);
  });
});

describe("time-outs and limits", () => {
  it("responds 408 to a slow head, timed from its first byte", async () => {
    const { port, refused } = await serve(echo, { headTimeoutMs: 300 });
    const one = await client(port);
    one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    await one.untilText("GET /");
    one.send("GET / HTTP/1.1\r\n");
    // Timed from its last byte it would never end.
    const drip = setInterval(() => one.send("X: y\r\n"), 50);
    await one.untilEnded();
    clearInterval(drip);
    expect(refused).toEqual(["head_timeout"]);
    // Nothing was asked, so nothing is sent.
    const silent = await client(port);
    await silent.untilEnded();
    expect(silent.received).toBe("");
  });

  it("ends those that came together a few at a time, so that others are served between", async () => {
    const { server, port, refused } = await serve(echo, { headTimeoutMs: 300 });
    const slow = await Promise.all(Array.from({ length: 200 }, () => client(port)));
    for (const one of slow) one.send("GET / HTTP/1.1\r\n");
    let mostInTurn = 0;
    while (refused.length < slow.length || server.connections() > 0) {
      const before = refused.length;
      await new Promise((resolve) => setImmediate(resolve));
      mostInTurn = Math.max(mostInTurn, refused.length - before);
    }
    expect(refused.length).toBe(slow.length);
    // 32 by a tick, and 32 by the walk of the tick before, which goes on in the same iteration.
    expect(mostInTurn).toBeLessThanOrEqual(64);
  });

  it("responds 408 to a slow body, and does not time a paused one", async () => {
    const all: Seen[] = [];
    const { port, refused } = await serve(
      (request) => {
        const seen = new Seen(request);
        all.push(seen);
        if (request.path === "/paused") request.pause();
        return seen;
      },
      { bodyIdleTimeoutMs: 200 },
    );
    const paused = await client(port);
    paused.send(`POST /paused HTTP/1.1\r\n${H}Content-Length: 9\r\n\r\nab`);
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: 9\r\n\r\nab`);
    await one.untilEnded();
    expect(one.statuses).toEqual([400]);
    expect(refused).toEqual(["body_timeout"]);
    const isAborted = (path: string) => all.find(({ request }) => request.path === path)?.aborted;
    expect([isAborted("/paused"), isAborted("/")]).toEqual([false, true]);
  });

  it("closes idle connections, and those whose client does not read", async () => {
    const { port, server } = await serve(
      (request) => {
        request.respond(200, "OK", [], Buffer.alloc(request.path === "/big" ? 20_000_000 : 1), false);
        return null;
      },
      { idleTimeoutMs: 200, writeTimeoutMs: 200 },
    );
    const idle = await client(port);
    idle.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    await idle.untilEnded();
    const blind = await client(port);
    blind.socket.pause();
    blind.send(`GET /big HTTP/1.1\r\n${H}\r\n`);
    await untilUnconnected(server);
    blind.socket.resume();
    await blind.untilEnded();
    expect(blind.length).toBeLessThan(20_000_000);
  });

  it("refuses connections over the limit", async () => {
    const { port } = await serve(echo, { connectionsMax: 1 });
    const one = await client(port);
    one.send(`GET /1 HTTP/1.1\r\n${H}\r\n`);
    await one.untilText("GET /1");
    const two = await client(port);
    await two.untilEnded();
    expect(two.received).toMatch(/^HTTP\/1\.1 503 .*\r\nconnection: close\r\n/s);
  });

  it("names every option out of bounds", () => {
    expect(
      () =>
        new Http1Server({
          createMemo: () => new ConnectionMemo(),
          onRequest: echo,
          fieldsMax: 0,
          idleTimeoutMs: -1,
        }),
    ).toThrow(/fieldsMax must be .*idleTimeoutMs must be/);
  });
});

describe("close", () => {
  it("finishes what runs with Connection: close, serves what was on its way, and refuses new connections", async () => {
    const open: ServerRequest[] = [];
    const { port, server } = await serve((request) => {
      if (request.path === "/slow") {
        open.push(request);
        return new Seen(request);
      }
      return echo(request);
    });
    const busy = await client(port);
    busy.send(`GET /slow HTTP/1.1\r\n${H}\r\n`);
    const between = await client(port);
    between.send(`GET /1 HTTP/1.1\r\n${H}\r\n`);
    await between.untilText("GET /1");
    const idle = await client(port);
    while (open.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = server.close();
    between.send(`GET /2 HTTP/1.1\r\n${H}\r\n`);
    await between.untilText("GET /2");
    await between.untilEnded();
    expect(between.received.split("GET /1")[1]).toContain("connection: close");
    await expect(RawClient.open(port)).rejects.toThrow("ECONNREFUSED");
    text(open[0]!, "slow but done");
    await busy.untilEnded();
    expect(busy.received).toContain("slow but done");
    expect(busy.received).toContain("connection: close");
    busy.socket.end();
    between.socket.end();
    await idle.untilEnded();
    await closed;
    expect(server.connections()).toBe(0);
  });

  it("drops what is left after the limit", async () => {
    const all: Seen[] = [];
    const { port, server } = await serve((request) => {
      all.push(new Seen(request));
      return all[0]!;
    });
    const one = await client(port);
    one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    while (all.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.close(100);
    expect(all[0]!.aborted).toBe(true);
    expect(server.connections()).toBe(0);
  });
});
