import { once } from "node:events";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchOnce, GET, POST, send } from "../testing/collect.js";
import { RawOrigin, respondingWith } from "../testing/raw-origin.js";
import { OK, origin, poolTo } from "../testing/test-pool.js";
import { ConnectionBudget, ConnectionShare } from "./connection-budget.js";
import { Http1Pool } from "./upstream-pool.js";

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
