import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Collector, fetchOnce, GET, POST, send } from "../testing/collect.js";
import { type OriginScript, RawOrigin, respondingWith } from "../testing/raw-origin.js";
import { ConnectionBudget, ConnectionShare } from "./connection-budget.js";
import type { Http1PoolOptions } from "./upstream-options.js";
import { Http1Pool } from "./upstream-pool.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const open: AsyncDisposable[] = [];
const pools: Http1Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.destroy();
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function origin(script: OriginScript): Promise<RawOrigin> {
  const started = await RawOrigin.start(script);
  open.push(started);
  return started;
}

function poolTo(target: { readonly port: number }, options: Partial<Http1PoolOptions> = {}): Http1Pool {
  const pool = new Http1Pool({ host: "127.0.0.1", port: target.port, ...options });
  pools.push(pool);
  return pool;
}

describe("requests on the wire", () => {
  it("writes head and small body in one piece, with framing and Host of its own", async () => {
    const target = await origin(respondingWith(OK, (received) => received.endsWith("hello")));
    const pool = poolTo(target);
    const { outgoing, got } = send(pool, {
      method: "POST",
      path: "/a?b",
      headers: ["X-Some", "v\tw", "x-empty", ""],
      contentLength: 5,
    });
    outgoing.end(Buffer.from("hello"));
    let sent = "";
    await target.until(() => target.connections.length > 0);
    target.connections[0]!.socket.once("data", (chunk: Buffer) => {
      sent = chunk.toString("latin1");
    });
    await got.over;
    expect(got).toMatchObject({ status: 200, statusText: "OK", body: "ok", contentLength: 2, ended: true });
    expect(got.headers).toEqual(["content-length", "2"]);
    expect(sent).toBe(
      `POST /a?b HTTP/1.1\r\nhost: 127.0.0.1:${target.port}\r\nX-Some: v\tw\r\nx-empty: \r\ncontent-length: 5\r\n\r\nhello`,
    );
  });

  it("sends content-length: 0 where a body is usual, and nothing where it is not", async () => {
    const seen: string[] = [];
    const target = await origin(
      respondingWith((request) => {
        seen.push(request);
        return OK;
      }),
    );
    const pool = poolTo(target, { hostHeader: "api.example" });
    await fetchOnce(pool, POST);
    await fetchOnce(pool, GET);
    expect(seen).toEqual([
      "POST / HTTP/1.1\r\nhost: api.example\r\ncontent-length: 0\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: api.example\r\n\r\n",
    ]);
  });

  it("frames a body of unknown length in chunks, also what was written before the connection stood", async () => {
    let received = "";
    const target = await origin(
      respondingWith(
        (request) => {
          received = request;
          return OK;
        },
        (so_far) => so_far.endsWith("0\r\n\r\n"),
      ),
    );
    const { outgoing, got } = send(poolTo(target), { method: "POST", contentLength: -1 });
    outgoing.write(Buffer.from("hello"));
    outgoing.write(Buffer.alloc(0));
    outgoing.write(Buffer.from("0123456789abcdefg"));
    outgoing.end();
    await got.over;
    expect(received.slice(received.indexOf("\r\n\r\n") + 4)).toBe(
      "5\r\nhello\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n",
    );
  });

  it.each([
    ["CR LF in a value", { headers: ["a", "b\r\nx: y"] }],
    ["LF in a value", { headers: ["a", "b\ny"] }],
    ["NUL in a value", { headers: ["a", "b\0"] }],
    ["a value that is CR LF once cut to bytes", { headers: ["a", "b\u010d\u010ax: y"] }],
    ["CR LF in a name", { headers: ["a: b\r\nc", "d"] }],
    ["a colon in a name", { headers: ["a:", "b"] }],
    ["an empty name", { headers: ["", "b"] }],
    ["a space in the path", { path: "/a b" }],
    ["a path that is a space once cut to bytes", { path: "/a\u0120b" }],
    ["CR LF in the path", { path: "/a HTTP/1.1\r\nx: y\r\n\r\n" }],
    ["no path", { path: "" }],
    ["an absolute path", { path: "http://b/" }],
    ["CR LF in the method", { method: "GET / HTTP/1.1\r\nx: y\r\n\r\nGET" }],
    ["CONNECT", { method: "CONNECT" }],
    ["Content-Length", { headers: ["Content-Length", "5"] }],
    ["Transfer-Encoding", { headers: ["transfer-encoding", "chunked"] }],
    ["Host", { headers: ["HOST", "b"] }],
    ["Connection", { headers: ["connection", "close"] }],
    ["a length that is none", { contentLength: 1.5 }],
  ])("refuses %s, and nothing reaches the wire", async (_name, request) => {
    const target = await origin(respondingWith(OK));
    const pool = poolTo(target);
    await fetchOnce(pool); // with a warm connection
    const got = await fetchOnce(pool, request);
    expect(got.error).toMatchObject({ code: "request_refused", replaySafe: true });
    expect(got.calls).toEqual(["error"]);
    await fetchOnce(pool);
    expect(target.connections).toHaveLength(1);
    expect(target.connections[0]!.received).toBe("");
  });

  it("cuts a body that does not keep to its length", async () => {
    const target = await origin(() => {});
    const pool = poolTo(target);
    const long = send(pool, { method: "POST", contentLength: 3 });
    long.outgoing.write(Buffer.from("abcd"));
    expect((await long.got.over).error).toMatchObject({ code: "request_length" });
    const short = send(pool, { method: "POST", contentLength: 3 });
    short.outgoing.end(Buffer.from("ab"));
    expect((await short.got.over).error).toMatchObject({ code: "request_length" });
  });
});

describe("responses", () => {
  const cases: readonly (readonly [string, string, object])[] = [
    [
      "chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
      { body: "abc", contentLength: -1 },
    ],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, body: "", contentLength: 0, pieces: 0 }],
    [
      "304 with a length",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      { status: 304, contentLength: 0 },
    ],
    ["interim first", `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`, { status: 200, body: "ok" }],
  ];
  it.each(cases)("reads %s and uses the connection again", async (_name, raw, expected) => {
    const target = await origin(respondingWith(raw));
    const pool = poolTo(target);
    expect(await fetchOnce(pool)).toMatchObject({ ...expected, ended: true });
    expect(await fetchOnce(pool)).toMatchObject({ ...expected, ended: true });
    expect(target.connections).toHaveLength(1);
  });

  it("reads to the close when the body has no other end", async () => {
    const target = await origin(({ socket }) => socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
    expect(await fetchOnce(poolTo(target))).toMatchObject({
      body: "all of it",
      contentLength: -1,
      ended: true,
    });
  });

  it("has no body for HEAD", async () => {
    const target = await origin(respondingWith("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    const pool = poolTo(target);
    expect(await fetchOnce(pool, { method: "HEAD" })).toMatchObject({
      body: "",
      contentLength: 0,
      ended: true,
    });
    expect(await fetchOnce(pool, { method: "HEAD" })).toMatchObject({ ended: true });
    expect(target.connections).toHaveLength(1);
  });

  it("reads the same byte by byte", async () => {
    const raw = `HTTP/1.1 100 Continue\r\n\r\n${cases[0]![1]}`;
    const target = await origin(({ socket }) => {
      socket.setNoDelay(true);
      let at = 0;
      const next = (): void => {
        if (at < raw.length) socket.write(raw[at++]!, () => setImmediate(next));
      };
      next();
    });
    expect(await fetchOnce(poolTo(target))).toMatchObject({ status: 200, body: "abc", ended: true });
  });

  const closing: readonly (readonly [string, string])[] = [
    ["Connection: close", "HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
    ["bytes behind the response", `${OK}extra`],
    ["a second response", OK + OK],
    ["a 204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"],
    ["Keep-Alive: timeout=0", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 2\r\n\r\nok"],
  ];
  it.each(closing)("does not use a connection again after %s", async (_name, raw) => {
    const target = await origin(respondingWith(raw));
    const pool = poolTo(target);
    expect((await fetchOnce(pool)).ended).toBe(true);
    expect((await fetchOnce(pool)).ended).toBe(true);
    expect(target.connections).toHaveLength(2);
  });

  const hostile: readonly (readonly [string, string, string])[] = [
    [
      "two framings",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "response_malformed",
    ],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
      "response_malformed",
    ],
    [
      "a control byte in a value",
      "HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n",
      "response_malformed",
    ],
    [
      "a bare CR in a value",
      "HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 0\r\n\r\n",
      "response_malformed",
    ],
    ["a folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", "response_malformed"],
    ["no HTTP", "SSH-2.0-OpenSSH\r\n", "response_malformed"],
    [
      "a bad chunk size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "response_malformed",
    ],
    [
      "an endless head",
      `HTTP/1.1 200 OK\r\n${"X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(1_000)}`,
      "response_head_too_large",
    ],
    ["too many fields", `HTTP/1.1 200 OK\r\n${"X: a\r\n".repeat(300)}\r\n`, "response_head_too_large"],
    [
      "a flood of interim responses",
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(20) + OK,
      "response_head_too_large",
    ],
    [
      "large interim responses",
      `HTTP/1.1 103 Early Hints\r\nX: ${"a".repeat(9_000)}\r\n\r\n`.repeat(3) + OK,
      "response_head_too_large",
    ],
    ["a protocol switch", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "response_upgrade"],
  ];
  it.each(hostile)("fails on %s and drops the connection", async (_name, raw, code) => {
    const target = await origin(({ socket }) => socket.write(raw, "latin1"));
    const pool = poolTo(target);
    const got = await fetchOnce(pool);
    expect(got.error).toMatchObject({ code, replaySafe: false });
    expect(got.calls.filter((call) => call === "error" || call === "end")).toEqual(["error"]);
    expect(pool.stats().connections).toBe(0);
  });

  it("fails with phase body when the origin closes early, and with phase head before the head", async () => {
    const body = await origin(({ socket }) =>
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"),
    );
    expect(await fetchOnce(poolTo(body))).toMatchObject({
      body: "short",
      ended: false,
      error: { code: "connection_lost", phase: "body", replaySafe: false },
    });
    const chunked = await origin(({ socket }) =>
      socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    );
    expect((await fetchOnce(poolTo(chunked))).error).toMatchObject({
      code: "connection_lost",
      phase: "body",
    });
    const head = await origin(({ socket }) => socket.end("HTTP/1.1 200"));
    expect((await fetchOnce(poolTo(head))).error).toMatchObject({ code: "connection_lost", phase: "head" });
    const reset = await origin(({ socket }) => socket.resetAndDestroy());
    expect((await fetchOnce(poolTo(reset), POST)).error).toMatchObject({
      code: "connection_lost",
      phase: "head",
    });
  });

  it("limits the body by responseBodyBytesMax", async () => {
    const target = await origin(respondingWith(OK));
    const got = await fetchOnce(poolTo(target, { responseBodyBytesMax: 1 }));
    expect(got).toMatchObject({ status: 0, error: { code: "response_malformed" } });
  });

  it("drops an idle connection on which the origin speaks unasked", async () => {
    const target = await origin(respondingWith(OK));
    const pool = poolTo(target);
    await fetchOnce(pool);
    const { socket } = target.connections[0]!;
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen");
    await once(socket, "close");
    expect((await fetchOnce(pool)).body).toBe("ok");
    expect(target.connections).toHaveLength(2);
  });
});

describe("backpressure", () => {
  it("stops reading while the handler is paused, and goes on", async () => {
    const size = 20_000_000;
    let written = 0;
    const target = await origin(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const pump = (): void => {
        while (written < size) {
          written += 100_000;
          if (!socket.write(Buffer.alloc(100_000, "x"))) {
            socket.once("drain", pump);
            return;
          }
        }
      };
      pump();
    });
    const got = new Collector();
    got.takes = false;
    const outgoing = poolTo(target).dispatch(GET, got);
    await got.until(() => got.pieces === 1);
    // What fits into both socket buffers may still be written, and no more.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(got.pieces).toBe(1);
    expect(written).toBeLessThan(size);
    got.takes = true;
    outgoing.resume();
    await got.over;
    expect(got).toMatchObject({ ended: true });
    expect(got.body.length).toBe(size);
  });

  it("returns false from write, and calls onDrain when the upload may go on", async () => {
    const target = await origin(
      respondingWith(OK, (received) => received.length >= 5_000_004 + received.indexOf("\r\n\r\n")),
    );
    const size = 5_000_000;
    const { outgoing, got } = send(poolTo(target), { method: "POST", contentLength: size });
    let left = size;
    let waits = 0;
    while (left > 0) {
      left -= 50_000;
      if (!outgoing.write(Buffer.alloc(50_000, "u"))) {
        const drains = got.drains;
        waits++;
        await got.until(() => got.drains > drains);
      }
    }
    outgoing.end();
    await got.over;
    expect(got).toMatchObject({ ended: true, body: "ok" });
    expect(waits).toBeGreaterThan(0);
    expect(target.connections[0]!.received).toBe("");
  });

  it("hands over a response that comes before the upload is complete, and drops the connection", async () => {
    const target = await origin(({ socket, received }) => {
      if (received.includes("part")) socket.write(OK);
    });
    const pool = poolTo(target);
    const { outgoing, got } = send(pool, { method: "POST", contentLength: 100 });
    outgoing.write(Buffer.from("part"));
    await got.over;
    expect(got).toMatchObject({ ended: true, body: "ok" });
    expect(outgoing.write(Buffer.from("more"))).toBe(true); // a no-op by now
    expect(pool.stats().connections).toBe(0);
  });
});

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

describe("the pool", () => {
  it("keeps to its connections and lets the rest wait", async () => {
    let now = 0;
    let most = 0;
    const target = await origin(({ socket }) => {
      most = Math.max(most, ++now);
      setImmediate(() => {
        now--;
        socket.write(OK);
      });
    });
    const pool = poolTo(target, { connectionsMax: 3 });
    const all = await Promise.all(Array.from({ length: 50 }, () => fetchOnce(pool)));
    expect(all.every((got) => got.ended)).toBe(true);
    expect(target.connections.length).toBeLessThanOrEqual(3);
    expect(most).toBeLessThanOrEqual(3);
    expect(pool.stats()).toMatchObject({ queued: 0, inFlight: 0, connections: 3, requests: 50 });
  });

  it("refuses what its queue does not hold", async () => {
    const target = await origin(() => {});
    const pool = poolTo(target, { connectionsMax: 1, queueMax: 1 });
    const first = send(pool);
    const second = send(pool);
    await target.untilAsked();
    const third = await fetchOnce(pool);
    expect(third.error).toMatchObject({ code: "queue_full", replaySafe: true, phase: "connect" });
    expect([first.got.calls, second.got.calls]).toEqual([[], []]);
    expect(pool.stats()).toMatchObject({ queued: 1, inFlight: 1 });
  });

  it("abort frees the connection or the place in the queue, and silences the handler", async () => {
    const target = await origin(() => {});
    const pool = poolTo(target, { connectionsMax: 1 });
    const running = send(pool);
    const waiting = send(pool);
    await target.untilAsked();
    waiting.outgoing.abort();
    expect(pool.stats().queued).toBe(0);
    const { socket } = target.connections[0]!;
    running.outgoing.abort();
    running.outgoing.abort();
    if (!socket.destroyed) await once(socket, "close");
    expect([running.got.calls, waiting.got.calls]).toEqual([[], []]);
    expect(pool.stats()).toMatchObject({ connections: 0, inFlight: 0 });
    const refused = send(pool, { path: "" });
    refused.outgoing.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(refused.got.calls).toEqual([]);
  });

  it("close lets what runs and waits finish, then refuses", async () => {
    const target = await origin(({ socket }) => setImmediate(() => socket.write(OK)));
    const pool = poolTo(target, { connectionsMax: 1 });
    const running = [send(pool), send(pool), send(pool)];
    const closed = pool.close();
    const late = await fetchOnce(pool);
    expect(late.error).toMatchObject({ code: "client_closed", replaySafe: true });
    await closed;
    expect(running.map(({ got }) => got.ended)).toEqual([true, true, true]);
    expect(pool.stats()).toMatchObject({ connections: 0, queued: 0 });
    await pool.close();
  });

  it("destroy fails everything at once", async () => {
    const target = await origin(() => {});
    const pool = poolTo(target, { connectionsMax: 1 });
    const all = [send(pool), send(pool)];
    await target.untilAsked();
    pool.destroy();
    for (const { got } of all) expect((await got.over).error).toMatchObject({ code: "client_closed" });
    expect(all[0]!.got.error!.replaySafe).toBe(false);
    expect(all[1]!.got.error!.replaySafe).toBe(true);
  });

  it("names every option out of bounds", () => {
    expect(() => new Http1Pool({ host: "a b", port: 0, connectionsMax: 0 })).toThrow(
      /port must be .*connectionsMax must be .*host must be|port must be .*host must be .*connectionsMax/,
    );
  });
});

describe("connecting", () => {
  it("reports that nothing listens", async () => {
    const server = createNetServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const got = await Promise.all(Array.from({ length: 5 }, () => fetchOnce(poolTo({ port }))));
    for (const { error } of got)
      expect(error).toMatchObject({ code: "connect_refused", phase: "connect", replaySafe: true });
  });

  it("reports that a name does not resolve", async () => {
    const got = await fetchOnce(poolTo({ port: 80 }, { host: "no-such-name.invalid" }));
    expect(got.error).toMatchObject({ code: "dns_failed", phase: "connect", replaySafe: true });
  });

  it("asks about each address, literal and resolved, at each connection", async () => {
    const target = await origin(
      respondingWith("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
    );
    const asked: string[] = [];
    let allow = true;
    const checkAddress = ({ address, family }: { address: string; family: number }): boolean => {
      asked.push(`${family} ${address}`);
      return allow && family === 4;
    };
    for (const host of ["127.0.0.1", "localhost"]) {
      allow = true;
      const pool = poolTo(target, { host, checkAddress });
      expect((await fetchOnce(pool)).body).toBe("ok");
      allow = false; // the addresses of the name changed
      expect((await fetchOnce(pool)).error).toMatchObject({ code: "address_refused", replaySafe: true });
    }
    expect(asked.filter((address) => address === "4 127.0.0.1").length).toBeGreaterThanOrEqual(4);
    expect(target.connections).toHaveLength(2);
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
      }, 60);
    });
    expect(await fetchOnce(poolTo(drip, { bodyIdleTimeoutMs: 300 }))).toMatchObject({
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
    const { outgoing, got } = send(poolTo(target, { headTimeoutMs: 500 }), {
      method: "POST",
      contentLength: 10,
    });
    outgoing.write(Buffer.from("1."));
    await target.until(() => target.connections[0]?.received.endsWith("1.") === true);
    // A request that takes as long on another pool: the time is over when it is.
    const other = await fetchOnce(poolTo(await origin(() => {}), { headTimeoutMs: 700 }));
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

describe("sharing", () => {
  const nothing = (): Promise<RawOrigin> => origin(() => {});

  it("leaves connections to others of a group, and to other groups", async () => {
    const target = await nothing();
    const pool = poolTo(target, { connectionsMax: 20, queueTimeoutMs: 60_000 });
    for (let i = 0; i < 40; i++) send(pool, { group: "api 1", member: "key 1" });
    expect(pool.stats()).toMatchObject({ connecting: 12, queued: 40 });
    for (const [group, member] of [
      ["api 1", "key 2"],
      ["api 2", "key 3"],
      ["api 3", "key 4"],
    ] as const) {
      const before = pool.stats().connecting;
      send(pool, { group, member });
      expect(pool.stats().connecting).toBe(before + 1);
    }
    await target.until(() => target.connections.filter(({ received }) => received !== "").length === 15);
  });

  it("serves a group that asks for little in between the requests of one that asks for much", async () => {
    const order: string[] = [];
    const target = await origin((connection) => {
      order.push(/x: (\w)/.exec(connection.received)?.[1] ?? "");
      connection.received = "";
      setImmediate(() => connection.socket.write(OK));
    });
    const pool = poolTo(target, { connectionsMax: 2, queueTimeoutMs: 60_000 });
    const much = Array.from({ length: 60 }, () => send(pool, { group: "a", headers: ["x", "a"] }));
    const little = Array.from({ length: 5 }, () => send(pool, { group: "b", headers: ["x", "b"] }));
    for (const { got } of [...much, ...little]) expect((await got.over).body).toBe("ok");
    expect(order.lastIndexOf("b")).toBeLessThan(20);
    expect(pool.stats()).toMatchObject({ queued: 0, inFlight: 0 });
  });

  it("refuses at once what would wait as others of the same member have just waited in vain", async () => {
    const target = await nothing();
    const pool = poolTo(target, { connectionsMax: 2, queueTimeoutMs: 100 });
    const held = [send(pool, { group: "a", member: "k" }), send(pool, { group: "a", member: "k" })];
    expect((await fetchOnce(pool, { group: "a", member: "k" })).error?.code).toBe("queue_timeout");
    expect((await fetchOnce(pool, { group: "a", member: "k" })).error?.code).toBe("queue_full");
    expect((await fetchOnce(pool, { group: "b", member: "k" })).error?.code).toBe("queue_timeout");
    held[0]?.outgoing.abort(); // one is free: it is taken at once
    const next = send(pool, { group: "a", member: "k" });
    expect(pool.stats().connecting).toBe(1);
    next.outgoing.abort();
  });

  it("uses a connection that was made for a request that was aborted", async () => {
    const target = await origin(respondingWith(OK));
    const pool = poolTo(target, { connectionsMax: 1 });
    send(pool).outgoing.abort();
    expect((await fetchOnce(pool)).body).toBe("ok");
    expect(pool.stats()).toMatchObject({ connections: 1, connectionsMade: 1 });
  });

  it("keeps several pools to one bound, and closes idle connections of others for a new one", async () => {
    const budget = new ConnectionBudget(2);
    const quick = await origin(respondingWith(OK));
    const first = poolTo(quick, { connectionShare: new ConnectionShare(budget), keepAliveTimeoutMs: 60_000 });
    await Promise.all([fetchOnce(first), fetchOnce(first)]);
    expect(budget.used).toBe(2);
    const slow = await nothing();
    const connectionShare = new ConnectionShare(budget);
    const second = poolTo(slow, { connectionShare, queueTimeoutMs: 60_000 });
    const held = send(second);
    await slow.untilAsked();
    expect([budget.used, first.stats().connections]).toEqual([2, 1]);
    const waits = send(second);
    await slow.until(() => slow.connections.length === 2);
    expect([budget.used, first.stats().connections]).toEqual([2, 0]);
    const third = fetchOnce(first); // nothing is idle: it waits for one that is given back
    expect([first.stats().queued, budget.used]).toEqual([1, 2]);
    held.outgoing.abort();
    expect((await third).body).toBe("ok");
    waits.outgoing.abort();
  });
});
