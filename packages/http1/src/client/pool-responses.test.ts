import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { Collector, fetchOnce, GET, POST, send } from "../testing/collect.js";
import { respondingWith } from "../testing/raw-origin.js";
import { OK, origin, poolTo } from "../testing/test-pool.js";

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
