import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Collector, fetchOnce, GET, POST, send } from "../testing/collect.js";
import { type OriginScript, respondingWith } from "../testing/raw-origin.js";
import { OK, origin, poolTo } from "../testing/test-pool.js";

describe("connections that die", () => {
  /** Responds to the first request of a connection, and meets the second one with a reset. */
  const dyingOnSecond: OriginScript = (connection, index) => {
    if (!connection.received.includes("\r\n\r\n")) return;
    const again = connection.received.split("HTTP/1.1").length > 2;
    if (index === 0 && again) connection.socket.resetAndDestroy();
    else connection.socket.write(OK);
  };

  it.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "sends %s once more when a kept connection died",
    async (method) => {
      const target = await origin(dyingOnSecond);
      const pool = poolTo(target);
      await fetchOnce(pool);
      const got = await fetchOnce(pool, { method });
      expect(got.error).toBeNull();
      expect(got.ended).toBe(true);
      expect(pool.stats().retries).toBe(1);
      expect(target.connections).toHaveLength(2);
    },
  );

  it("never sends a POST again that may have arrived", async () => {
    const target = await origin(dyingOnSecond);
    const pool = poolTo(target, { connectionsMax: 1 });
    await fetchOnce(pool);
    const got = await fetchOnce(pool, POST);
    expect(got.error).toMatchObject({ code: "connection_lost", replaySafe: false });
    expect(pool.stats().retries).toBe(0);
    expect(target.connections).toHaveLength(1);
  });

  it("does not repeat a request with a body, nor one on a fresh connection, nor twice", async () => {
    const target = await origin(dyingOnSecond);
    const pool = poolTo(target, { connectionsMax: 1 });
    await fetchOnce(pool);
    const { outgoing, got } = send(pool, { method: "PUT", contentLength: 2 });
    outgoing.end(Buffer.from("ab"));
    expect((await got.over).error).toMatchObject({ code: "connection_lost" });

    const fresh = await origin(({ socket }) => socket.resetAndDestroy());
    expect((await fetchOnce(poolTo(fresh))).error).toMatchObject({ code: "connection_lost" });
    expect(fresh.connections).toHaveLength(1);

    let requests = 0;
    const always = await origin(({ socket }, index) => {
      requests++;
      if (index === 0 && requests === 1) socket.write(OK);
      else socket.resetAndDestroy();
    });
    const third = poolTo(always);
    await fetchOnce(third);
    expect((await fetchOnce(third)).error).toMatchObject({ code: "connection_lost" });
    expect(requests).toBe(3);
  });

  it("moves any request to another connection when none of it had been written", async () => {
    const seen: string[] = [];
    const target = await origin(
      respondingWith(
        (request) => {
          seen.push(request);
          return OK;
        },
        (received) => received.endsWith("\r\n\r\n") || received.endsWith("body"),
      ),
    );
    const pool = poolTo(target);
    await fetchOnce(pool);
    // The close arrives in the iteration in which the POST is dispatched: nothing of it has been written by then.
    const { socket } = target.connections[0]!;
    socket.end();
    await once(socket, "finish");
    await new Promise((resolve) => setImmediate(resolve));
    const { outgoing, got } = send(pool, { method: "POST", contentLength: 4, headers: ["x", "1"] });
    outgoing.end(Buffer.from("body"));
    expect(await got.over).toMatchObject({ ended: true, body: "ok" });
    expect(target.connections.length).toBeGreaterThan(1);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatch(/^POST \/ (?:.|\r\n)*\r\nx: 1\r\n(?:.|\r\n)*body$/);
  });

  it("loses no GET and doubles no POST while the origin closes after every few responses", async () => {
    const posts = new Map<string, number>();
    const server = createHttpServer((req, res) => {
      if (req.method === "POST") posts.set(req.url!, (posts.get(req.url!) ?? 0) + 1);
      res.end("ok");
      // No Connection: close: the client can't know.
      if (Math.random() < 0.2) setImmediate(() => req.socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const pool = poolTo({ port: (server.address() as AddressInfo).port }, { connectionsMax: 8 });
    let lostGets = 0;
    let lostPosts = 0;
    const run = async (worker: number): Promise<void> => {
      for (let i = 0; i < 150; i++) {
        const post = i % 2 === 0;
        const got = await fetchOnce(pool, post ? { ...POST, path: `/${worker}/${i}` } : GET);
        if (got.error !== null) {
          if (post) lostPosts++;
          else lostGets++;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, worker) => run(worker)));
    server.closeAllConnections();
    server.close();
    expect(Math.max(...posts.values())).toBe(1);
    console.log(
      `idle-close churn: 600 GET lost ${lostGets}, 600 POST lost ${lostPosts}, retries ${pool.stats().retries}`,
    );
    expect(lostGets).toBe(0); // the repeat goes to a connection made for it
  });
});

describe("time-outs", () => {
  it("gives up on a head that does not come", async () => {
    const target = await origin(({ socket }) => socket.write("HTTP/1.1 200 OK\r\n"));
    const got = await fetchOnce(poolTo(target, { headTimeoutMs: 100 }));
    expect(got.error).toMatchObject({ code: "head_timeout", phase: "head", replaySafe: false });
  });

  it("gives up on a body that stands still, and not on one that drips", async () => {
    const still = await origin(({ socket }) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"),
    );
    const got = await fetchOnce(poolTo(still, { bodyIdleTimeoutMs: 100 }));
    expect(got).toMatchObject({ body: "ab", error: { code: "body_timeout", phase: "body" } });

    const drip = await origin(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
      let left = 12;
      const timer = setInterval(() => {
        socket.write("x");
        if (--left === 0) clearInterval(timer);
      }, 250);
    });
    expect(await fetchOnce(poolTo(drip, { bodyIdleTimeoutMs: 2_000 }))).toMatchObject({
      ended: true,
      error: null,
    });
  });

  it("does not hold a response for ever whose reader is paused", async () => {
    const target = await origin(({ socket }) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"),
    );
    const got = new Collector();
    got.takes = false;
    poolTo(target, { bodyIdleTimeoutMs: 10_000, bodyPausedTimeoutMs: 100 }).dispatch(GET, got);
    expect((await got.over).error).toMatchObject({ code: "reader_timeout" });
  });

  it("gives up on an origin that does not read", async () => {
    const target = await origin(({ socket }) => socket.pause());
    const { outgoing, got } = send(poolTo(target, { bodyIdleTimeoutMs: 100 }), {
      method: "POST",
      contentLength: -1,
    });
    // More than the kernel buffers.
    for (let drains = 0; got.error === null; drains = got.drains) {
      if (!outgoing.write(Buffer.alloc(1_000_000)))
        await got.until(() => got.drains > drains || got.error !== null);
    }
    expect((await got.over).error).toMatchObject({ code: "send_timeout", phase: "send" });
  });

  it("lets no idle connection grow older than either side wants", async () => {
    const target = await origin(respondingWith(OK));
    const pool = poolTo(target, { keepAliveTimeoutMs: 100 });
    await fetchOnce(pool);
    await once(target.connections[0]!.socket, "close");
    expect(pool.stats().connections).toBe(0);
    const hinting = await origin(
      respondingWith("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"),
    );
    const second = poolTo(hinting, { keepAliveTimeoutMs: 60_000 });
    await fetchOnce(second);
    await fetchOnce(second);
    expect(hinting.connections).toHaveLength(2);
  });

  it("waits for a connection for queueTimeoutMs, with another code than for an origin that cannot be reached", async () => {
    const target = await origin(() => {});
    const pool = poolTo(target, { connectionsMax: 1, connectTimeoutMs: 60_000, queueTimeoutMs: 200 });
    send(pool);
    await target.untilAsked();
    expect((await fetchOnce(pool)).error).toMatchObject({
      code: "queue_timeout",
      phase: "connect",
      replaySafe: true,
    });
    expect(pool.stats()).toMatchObject({ queued: 0, inFlight: 1 });
  });

  it("does not hold the origin to a time in which it waits for the rest of the request", async () => {
    const target = await origin(respondingWith(OK, (received) => received.endsWith("the rest")));
    const { outgoing, got } = send(poolTo(target, { headTimeoutMs: 2_000 }), {
      method: "POST",
      contentLength: 10,
    });
    outgoing.write(Buffer.from("1."));
    await target.until(() => target.connections[0]?.received.endsWith("1.") === true);
    // A request that takes as long on another pool: the time is over when it is.
    const other = await fetchOnce(poolTo(await origin(() => {}), { headTimeoutMs: 2_500 }));
    expect(other.error).toMatchObject({ code: "head_timeout" });
    expect(got.calls).toEqual([]);
    outgoing.write(Buffer.from("the rest"));
    expect(await got.over).toMatchObject({ ended: true, body: "ok" });
  });

  it("holds the origin to the time from the end of the request", async () => {
    const target = await origin(() => {});
    const { outgoing, got } = send(poolTo(target, { headTimeoutMs: 100 }), {
      method: "POST",
      contentLength: -1,
    });
    outgoing.end(Buffer.from("all"));
    expect((await got.over).error).toMatchObject({ code: "head_timeout" });
  });

  it("lets an event stream be quiet for longer than another body", async () => {
    const streaming = (type: string) => () =>
      origin(({ socket }) =>
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
        ),
      );
    const HOUR_MS = 3_600_000;
    const events = "Text/Event-Stream; charset=utf-8";
    const patient = { bodyIdleTimeoutMs: 100, eventStreamIdleTimeoutMs: HOUR_MS };
    const quiet = send(poolTo(await streaming(events)(), patient));
    await quiet.got.until(() => quiet.got.body === "a");
    const plain = await fetchOnce(poolTo(await streaming("text/plain")(), patient));
    expect(plain).toMatchObject({ body: "a", error: { code: "body_timeout" } });
    expect(quiet.got.error).toBe(null);
    const strict = { bodyIdleTimeoutMs: HOUR_MS, eventStreamIdleTimeoutMs: 100 };
    const ended = await fetchOnce(poolTo(await streaming(events)(), strict));
    expect(ended).toMatchObject({ body: "a", error: { code: "body_timeout" } });
  });
});
