import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { Client } from "undici";
import { describe, expect, it } from "vitest";
import type { FaultCode } from "../codec/fault.js";
import { ResponseHeaders } from "../codec/shared-headers.js";
import { client, closeAfterTest, echo, H, Seen, serve, text } from "../testing/test-server.js";
import { ConnectionMemo } from "./connection-memo.js";
import { Http1Server } from "./server.js";
import type { ServerRequest } from "./server-request.js";

describe("requests", () => {
  it("serves node:http and undici over kept connections", async () => {
    const { port, server } = await serve(echo);
    const undici = new Client(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 3; i++) {
      const response = await undici.request({
        path: `/p?q=${i}`,
        method: "POST",
        body: "hello",
      });
      expect(await response.body.text()).toBe(`POST /p q=${i} [hello]`);
      expect(response.headers.date).toMatch(/GMT$/);
    }
    expect(server.connections()).toBe(1);
    await undici.close();
    const agent = new Agent({ keepAlive: true });
    for (const size of [10, 1_000_000]) {
      const request = httpRequest({ port, host: "127.0.0.1", method: "PUT", path: "/big", agent });
      request.write("x".repeat(size));
      request.end("y"); // chunked
      const [response] = await once(request, "response");
      let body = "";
      for await (const piece of response) body += String(piece);
      expect(body).toBe(`PUT /big  [${"x".repeat(size)}y]`);
    }
    agent.destroy();
  });

  it("reads a request byte by byte", async () => {
    const { port } = await serve(echo);
    const one = await client(port);
    const raw = `\r\nPOST /a?b HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    for (const byte of raw) {
      one.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await one.untilText("POST /a b [abc]");
  });

  it("keeps the requests of one batch apart, also when they are more than its shared memory takes", async () => {
    const { port } = await serve(echo);
    const all = await Promise.all(Array.from({ length: 100 }, () => client(port)));
    const filler = "x".repeat(3_000);
    // One connection is accepted an iteration; all of them are once they had a response.
    await Promise.all(all.map((one) => one.send("GET /first HTTP/1.1\r\nhost: a\r\n\r\n").untilText("[]")));
    // Written in one go, so that the server finds them all in one batch.
    all.forEach((one, i) => {
      one.send(`GET /${i}/${filler} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    });
    await Promise.all(all.map((one) => one.untilEnded()));
    all.forEach((one, i) => {
      expect(one.received).toContain(`GET /${i}/${filler}  []`);
    });
  });

  it("responds to pipelined requests in order, also when an earlier response is late", async () => {
    const late: ServerRequest[] = [];
    const { port } = await serve((request) => {
      if (request.path !== "/late") return echo(request);
      late.push(request);
      return new Seen(request);
    });
    const one = await client(port);
    one.send(
      `GET /1 HTTP/1.1\r\n${H}\r\nGET /late HTTP/1.1\r\n${H}\r\nPOST /3 HTTP/1.1\r\n${H}Content-Length: 2\r\n\r\nab` +
        `GET /late HTTP/1.1\r\n${H}\r\nGET /5 HTTP/1.1\r\n${H}\r\n`,
    );
    await one.untilText("GET /1 ");
    expect(late).toHaveLength(1); // the next one is not even looked at
    text(late[0]!, "LATE1");
    await one.untilText("POST /3  [ab]");
    expect(late).toHaveLength(2);
    text(late[1]!, "LATE2");
    await one.untilText("GET /5 ");
    const order = ["GET /1 ", "LATE1", "POST /3 ", "LATE2", "GET /5 "].map((piece) =>
      one.received.indexOf(piece),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it("takes up buffered requests also when a response ends without writing anything", async () => {
    let first: ServerRequest | null = null;
    const { port } = await serve((request) => {
      if (request.path === "/2") return echo(request);
      first = request;
      request.writeHead(200, "OK", new ResponseHeaders([]), 2);
      request.write(Buffer.from("ab"));
      return new Seen(request);
    });
    const one = await client(port);
    one.send(`GET /1 HTTP/1.1\r\n${H}\r\nGET /2 HTTP/1.1\r\n${H}\r\n`);
    await one.untilText("\r\n\r\nab");
    first!.end();
    await one.untilText("GET /2 ");
  });

  it("does not let a flood of pipelined requests grow in memory", async () => {
    const { port } = await serve((request) => new Seen(request)); // never responds
    const one = await client(port);
    const flood = `GET /1 HTTP/1.1\r\n${H}\r\n`.repeat(10_000);
    let accepted = 0;
    while (accepted < 200 && one.socket.write(flood)) accepted++;
    for (let i = 0; i < 50; i++) {
      one.socket.write(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The server stopped reading: most of it is still here.
    expect(one.socket.writableLength).toBeGreaterThan(5_000_000);
  });

  it("asks no handler for more while a client does not take its responses", async () => {
    let asked = 0;
    const { port } = await serve((request) => {
      asked++;
      request.respond(200, "OK", [], Buffer.alloc(10_000), false);
      return null;
    });
    const one = await client(port);
    one.socket.pause();
    const requests = 4_000;
    one.send(`GET /1 HTTP/1.1\r\n${H}\r\n`.repeat(requests));
    let before = -1;
    while (asked > before) {
      before = asked;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(asked).toBeLessThan(requests / 2); // 40 MB do not fit into what the kernel buffers
    one.socket.resume();
    await one.until(() => asked === requests);
  });

  it("uses the authority of an absolute target in place of Host, and names what Connection lists", async () => {
    let seen: ServerRequest | null = null;
    const { port } = await serve((request) => {
      seen = request;
      return echo(request);
    });
    const one = await client(port);
    one.send(
      `GET http://b.example:8/x?y HTTP/1.1\r\n${H}Connection: X-Secret, keep-alive\r\nX-Secret: 1\r\n\r\n`,
    );
    await one.untilText("GET /x y []");
    expect(seen!).toMatchObject({
      host: "b.example:8",
      connectionNames: ["x-secret"],
      remoteAddress: "127.0.0.1",
      minorVersion: 1,
    });
    expect(seen!.head.fields).toEqual([
      "host",
      "a.example",
      "connection",
      "X-Secret, keep-alive",
      "x-secret",
      "1",
    ]);
  });
});

describe("refusals", () => {
  const cases: readonly (readonly [FaultCode, string])[] = [
    ["request_line_malformed", "GET /\r\n\r\n"],
    ["request_line_malformed", "\x16\x03\x01\x02\x00\x01\x00"],
    ["version_unsupported", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["host_missing", "GET / HTTP/1.1\r\n\r\n"],
    [
      "framing_conflict",
      `POST / HTTP/1.1\r\n${H}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["line_bare_lf", `GET / HTTP/1.1\r\n${H}X: y\n\r\n`],
    ["method_refused", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"],
    ["method_refused", `TRACE / HTTP/1.1\r\n${H}\r\n`],
    ["expectation_unsupported", `POST / HTTP/1.1\r\n${H}Expect: x\r\nContent-Length: 1\r\n\r\n`],
    ["head_too_large", `GET / HTTP/1.1\r\n${H}X: ${"a".repeat(20_000)}\r\n\r\n`],
    ["target_too_long", `GET /${"a".repeat(20_000)}`],
    ["body_too_large", `POST / HTTP/1.1\r\n${H}Content-Length: 1001\r\n\r\n`],
  ];
  it.each(cases)("refuses %s once, closes, and calls no handler", async (fault, raw) => {
    let calls = 0;
    const { port, refused } = await serve(
      (request) => {
        calls++;
        return echo(request);
      },
      { bodyBytesMax: 1_000 },
    );
    const one = await client(port);
    // What stands behind a refused request is never taken for another one.
    one.send(`${raw}GET /smuggled HTTP/1.1\r\n${H}\r\n`);
    await one.untilEnded();
    expect(one.statuses).toEqual([400]);
    expect(one.received).toContain(`\r\nx-fault: ${fault}\r\n`);
    expect(one.received).toContain("\r\nconnection: close\r\n");
    expect(refused).toEqual([fault]);
    expect(calls).toBe(0);
  });

  it("refuses a body that breaks its framing, tells the handler, and parses nothing behind it", async () => {
    const all: Seen[] = [];
    const { port, refused } = await serve((request) => {
      const seen = new Seen(request);
      all.push(seen);
      return seen;
    });
    const one = await client(port);
    one.send(
      `POST /1 HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\r\nabcXXGET /smuggled HTTP/1.1\r\n${H}\r\n`,
    );
    await one.untilEnded();
    expect(one.statuses).toEqual([400]);
    expect(refused).toEqual(["chunk_end_malformed"]);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ body: "abc", aborted: true, ended: false });
    expect(all[0]!.request.state).toBe("aborted");
  });

  it("lets a client that is still sending see the response (no reset before it)", async () => {
    const { port } = await serve(echo, { bodyBytesMax: 1_000 });
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: 3000000\r\n\r\n`);
    for (let i = 0; i < 30; i++) {
      one.socket.write(Buffer.alloc(100_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await one.untilEnded();
    expect(one.statuses).toEqual([400]);
    expect(one.error).toBeNull();
  });

  it("leaves out the body of a refusal to HEAD, and survives a refusal that can't be sent", async () => {
    const { port } = await serve(echo);
    const one = await client(port);
    one.send(`HEAD / HTTP/1.1\r\n${H}${H}\r\n`);
    await one.untilEnded();
    const two = await client(
      (
        await serve(echo, {
          refusal: () => ({ status: 400, statusText: "a\r\nb", headers: [], body: Buffer.alloc(0) }),
        })
      ).port,
    );
    two.send("nonsense\r\n");
    await two.untilEnded();
    expect(two.received).toBe("");
  });

  it("refuses in plain text by default", async () => {
    const server = new Http1Server({ createMemo: () => new ConnectionMemo(), onRequest: echo });
    closeAfterTest(server);
    const one = await client(await server.listen("127.0.0.1", 0));
    one.send("GET / HTTP/3.0\r\n");
    await one.untilEnded();
    expect(one.received).toMatch(/^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/);
  });
});
