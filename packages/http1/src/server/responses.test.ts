import { describe, expect, it } from "vitest";
import { ResponseHeaders } from "../codec/shared-headers.js";
import { readResponse } from "../testing/read-messages.js";
import { client, echo, H, Seen, serve, text } from "../testing/test-server.js";
import type { ServerRequest } from "./server-request.js";

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
    request.writeHead(200, "OK", new ResponseHeaders(["a", "b"]), length);
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
        request.writeHead(204, "No Content", new ResponseHeaders([]), 0);
        request.end();
      },
      "HTTP/1.1 204 No Content\r\n\r\n",
    ],
    [
      "304",
      get,
      (request: ServerRequest) => {
        request.writeHead(304, "Not Modified", new ResponseHeaders(["etag", "x"]), 7);
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
        request.writeHead(status, reason, new ResponseHeaders(headers), 0);
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
      request.writeHead(200, "OK", new ResponseHeaders([]), length);
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
      request.writeHead(200, "OK", new ResponseHeaders([]), -1);
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
        request.writeHead(200, "OK", new ResponseHeaders([]), fixed ? size * pieces : -1);
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
      request.writeHead(200, "OK", new ResponseHeaders([]), size);
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
