import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { Client } from "undici";
import { describe, expect, it } from "vitest";
import type { FaultCode } from "../codec/fault.js";
import { RawClient } from "../testing/raw-client.js";
import { readResponse } from "../testing/read-messages.js";
import { client, closeAfterTest, echo, H, Seen, serve, text } from "../testing/test-server.js";
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
      request.writeHead(200, "OK", [], 2);
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

describe("responses", () => {
  async function responseTo(raw: string, response: (request: ServerRequest) => void): Promise<string> {
    const { port } = await serve((request) => {
      response(request);
      return request.state === "ended" ? null : new Seen(request);
    });
    const one = await client(port);
    one.send(raw);
    one.socket.end();
    await one.untilEnded();
    return one.received.replace(/\r\ndate: [^\r]+/, "");
  }
  const get = `GET / HTTP/1.1\r\n${H}\r\n`;
  const pieces = (length: number) => (request: ServerRequest) => {
    request.writeHead(200, "OK", ["a", "b"], length);
    request.write(Buffer.from("he"));
    request.write(Buffer.alloc(0));
    request.write(Buffer.from("llo"));
    request.end();
  };

  it.each([
    ["known length", get, pieces(5), "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 5\r\n\r\nhello"],
    [
      "unknown length",
      get,
      pieces(-1),
      "HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ],
    [
      "unknown length to HTTP/1.0",
      "GET / HTTP/1.0\r\n\r\n",
      pieces(-1),
      "HTTP/1.1 200 OK\r\na: b\r\nconnection: close\r\n\r\nhello",
    ],
    [
      "HEAD",
      `HEAD / HTTP/1.1\r\n${H}\r\n`,
      pieces(5),
      "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 5\r\n\r\n",
    ],
    ["HEAD, unknown length", `HEAD / HTTP/1.1\r\n${H}\r\n`, pieces(-1), "HTTP/1.1 200 OK\r\na: b\r\n\r\n"],
    [
      "204",
      get,
      (request: ServerRequest) => {
        request.writeHead(204, "No Content", [], 0);
        request.end();
      },
      "HTTP/1.1 204 No Content\r\n\r\n",
    ],
    [
      "304",
      get,
      (request: ServerRequest) => {
        request.writeHead(304, "Not Modified", ["etag", "x"], 7);
        request.end();
      },
      "HTTP/1.1 304 Not Modified\r\netag: x\r\ncontent-length: 7\r\n\r\n",
    ],
    [
      "whole, closing",
      get,
      (request: ServerRequest) => request.respond(200, "", [], Buffer.from("x"), true),
      "HTTP/1.1 200 \r\ncontent-length: 1\r\nconnection: close\r\n\r\nx",
    ],
    [
      "whole, to HEAD",
      `HEAD / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`,
      (request: ServerRequest) => request.respond(404, "Not Found", [], Buffer.from("x"), false),
      "HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\nconnection: close\r\n\r\n",
    ],
  ])("frames a response of %s", async (_name, raw, response, expected) => {
    expect(await responseTo(raw, response)).toBe(expected);
  });

  it.each([
    ["without a date", ["a", "b"], "a: b\r\n"],
    ["with a date", ["date", "yesterday", "a", "b"], "date: yesterday\r\na: b\r\n"],
  ])(
    "writes the same fields again and again, %s, each time as the request wants it",
    async (_name, list, lines) => {
      const fields = list;
      const { port } = await serve((request) => {
        const length = Number(request.query);
        request.respond(
          length > 3 ? 200 : 404,
          "As is",
          fields,
          Buffer.alloc(length, "x"),
          request.path === "/close",
        );
        return null;
      });
      const withoutOwnDate = (text: string) => text.replace(/\r\ndate: \w{3}, [^\r]+/, "");
      for (const [line, status, tail] of [
        ["GET /?5 HTTP/1.1", 200, "content-length: 5\r\n\r\nxxxxx"],
        ["GET /?5 HTTP/1.1", 200, "content-length: 5\r\n\r\nxxxxx"],
        ["GET /?5 HTTP/1.1", 200, "content-length: 5\r\n\r\nxxxxx"],
        ["HEAD /?5 HTTP/1.1", 200, "content-length: 5\r\n\r\n"],
        ["GET /close?5 HTTP/1.1", 200, "content-length: 5\r\nconnection: close\r\n\r\nxxxxx"],
        ["GET /?5 HTTP/1.0", 200, "content-length: 5\r\nconnection: close\r\n\r\nxxxxx"],
        ["GET /?3 HTTP/1.1", 404, "content-length: 3\r\n\r\nxxx"],
        ["GET /?5 HTTP/1.1", 200, "content-length: 5\r\n\r\nxxxxx"],
        ["GET /?0 HTTP/1.1", 404, "content-length: 0\r\n\r\n"],
      ] as const) {
        const one = await client(port);
        one.send(`${line}\r\n${H}\r\n`);
        one.socket.end();
        await one.untilEnded();
        expect(one.received.match(/\r\ndate: /g)).toHaveLength(1);
        expect(withoutOwnDate(one.received)).toBe(`HTTP/1.1 ${status} As is\r\n${lines}${tail}`);
      }
    },
  );

  it("keeps the date it is given", async () => {
    const { port } = await serve((request) => {
      request.respond(200, "OK", ["Date", "yesterday"], Buffer.alloc(0), true);
      return null;
    });
    const one = await client(port);
    one.send(get);
    await one.untilEnded();
    expect(one.received.match(/date/gi)).toHaveLength(1);
  });

  it.each([
    ["CR LF in a value", 200, "OK", ["a", "b\r\nset-cookie: x"]],
    ["a name that is none", 200, "OK", ["a b", "c"]],
    ["framing", 200, "OK", ["Content-Length", "9"]],
    ["CR LF in the reason", 200, "OK\r\nx: y", []],
    ["an interim status", 101, "Switching", []],
  ])("sends 500 instead of %s, and tells the handler", async (_name, status, reason, headers) => {
    let seen: Seen | null = null;
    const { port, refused } = await serve((request) => {
      seen = new Seen(request);
      setImmediate(() => {
        request.writeHead(status, reason, headers, 0);
        request.end();
      });
      return seen;
    });
    const one = await client(port);
    one.send(get);
    await one.untilEnded();
    expect(one.statuses).toEqual([400]);
    expect(one.received).not.toMatch(/set-cookie|x: y/);
    expect(refused).toEqual(["response_refused"]);
    expect(seen!.aborted).toBe(true);
  });

  it.each([
    ["too short", 5, "ab"],
    ["too long", 1, "ab"],
  ])("cuts a response that is %s for its length", async (_name, length, body) => {
    const { port } = await serve((request) => {
      request.writeHead(200, "OK", [], length);
      request.write(Buffer.from(body));
      request.end();
      return new Seen(request);
    });
    const one = await client(port);
    one.send(get);
    await one.untilEnded();
    expect(one.received.split("\r\n\r\n")[1]!.length).not.toBe(length);
  });

  it("resets the connection of an HTTP/1.0 client whose response is cut", async () => {
    const open: ServerRequest[] = [];
    const { port } = await serve((request) => {
      open.push(request);
      request.writeHead(200, "OK", [], -1);
      request.write(Buffer.from("part"));
      return new Seen(request);
    });
    const one = await client(port);
    one.send("GET / HTTP/1.0\r\n\r\n");
    // Node reports a reset that it reads together with data as the end of the data.
    await one.untilText("part");
    open[0]!.abort();
    await one.untilEnded();
    expect(one.ended).toBe(false);
    expect(one.error?.code).toBe("ECONNRESET");
  });
});

describe("bodies", () => {
  it("sends 100 only when a listener takes the body, and never after a response", async () => {
    const taking = await client((await serve(echo)).port);
    const head = `POST /e HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
    taking.send(head);
    await taking.untilText("HTTP/1.1 100 Continue\r\n\r\n");
    taking.send("ab");
    await taking.untilText("[ab]");
    expect(taking.statuses).toEqual([100, 200]);

    const refusing = await client(
      (
        await serve((request) => {
          request.respond(401, "No", [], Buffer.from("no"), false);
          return null;
        })
      ).port,
    );
    refusing.send(head);
    await refusing.untilEnded();
    expect(refusing.statuses).toEqual([401]);
    // The client may send the body or not: the connection can't go on.
    expect(refusing.received).toContain("connection: close");
  });

  it("drops a short body after an early response and keeps the connection; closes on a long or endless one", async () => {
    const early = (request: ServerRequest): null => {
      text(request, `early ${request.path}`);
      return null;
    };
    const { port } = await serve(early);
    const short = await client(port);
    short.send(`POST /1 HTTP/1.1\r\n${H}Content-Length: 1000\r\n\r\n${"x".repeat(500)}`);
    await short.untilText("early /1");
    short.send(`${"y".repeat(500)}GET /2 HTTP/1.1\r\n${H}\r\n`);
    await short.untilText("early /2");

    for (const framing of ["Content-Length: 1000000", "Transfer-Encoding: chunked"]) {
      const long = await client(port);
      long.send(`POST /1 HTTP/1.1\r\n${H}${framing}\r\n\r\n`);
      await long.untilEnded();
      expect(long.received).toContain("connection: close");
    }
  });

  it("stops reading while paused, and goes on", async () => {
    const size = 20_000_000;
    const all: Seen[] = [];
    const { port } = await serve((request) => {
      const seen = new Seen(request);
      all.push(seen);
      seen.onEnd = () => text(request, `got ${seen.body.length}`);
      request.pause();
      return seen;
    });
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Content-Length: ${size}\r\n\r\n`);
    one.socket.write(Buffer.alloc(size, "x"));
    while (all.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 100)); // to see that nothing more comes
    expect(one.socket.writableLength).toBeGreaterThan(0);
    expect(all[0]!.body.length).toBeLessThan(200_000);
    all[0]!.request.resume();
    await one.untilText(`got ${size}`);
  });

  it.each([
    ["small", 3_000, true],
    ["large", 70_000, true],
    ["small chunked", 3_000, false],
    ["large chunked", 70_000, false],
  ])(
    "sends %s pieces unchanged that the kernel takes late, beside other traffic",
    async (_name, size, fixed) => {
      const pieces = Math.ceil(10_000_000 / size);
      const fill = (i: number): string => String.fromCharCode(97 + (i % 26));
      const slow: ServerRequest[] = [];
      const { port } = await serve((request) => {
        if (request.path !== "/slow") return echo(request);
        slow.push(request);
        request.writeHead(200, "OK", [], fixed ? size * pieces : -1);
        return new Seen(request);
      });
      const one = await client(port);
      one.socket.pause();
      one.send(`GET /slow HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
      const other = await client(port);
      for (let i = 0; i < pieces; i++) {
        // More is written than the kernel takes, a bit in each batch, while another response uses the same memory.
        while (slow.length === 0) await new Promise((resolve) => setImmediate(resolve));
        slow[0]!.write(Buffer.alloc(size, fill(i)));
        if (i % 50 === 0) other.send(`GET /other HTTP/1.1\r\n${H}\r\n`);
        if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      slow[0]!.end();
      one.socket.resume();
      const expected = Array.from({ length: pieces }, (_, i) => fill(i).repeat(size)).join("");
      await one.untilEnded();
      const response = readResponse([Buffer.from(one.received, "latin1")]);
      expect(response.fault).toBeNull();
      expect(response.messages[0]!.body === expected).toBe(true);
    },
  );

  it("returns false from write while a slow reader is waited for", async () => {
    const all: Seen[] = [];
    const size = 30_000_000;
    const { port } = await serve((request) => {
      const seen = new Seen(request);
      all.push(seen);
      request.writeHead(200, "OK", [], size);
      let left = size;
      const pump = (): void => {
        while (left > 0) {
          left -= 100_000;
          if (!request.write(Buffer.alloc(100_000, "z"))) return;
        }
        request.end();
      };
      seen.onData = pump;
      pump();
      return seen;
    });
    const one = await client(port);
    one.socket.pause();
    one.send(`GET / HTTP/1.1\r\n${H}\r\n`);
    while (all.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 100)); // to see that it waits
    expect(all[0]!.request.state).toBe("head-sent");
    one.socket.resume();
    await one.until(() => one.length > size);
    expect(all[0]!.writables).toBeGreaterThan(0);
    expect(all[0]!.request.state).toBe("ended");
  });
});

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
      if (request.path === "/sent") request.writeHead(200, "OK", [], 10);
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
