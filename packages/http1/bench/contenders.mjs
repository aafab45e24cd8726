// The proxies that bench.mjs compares, each in a process of its own: `node contenders.mjs NAME UPSTREAM_PORT`.
// All do the same: parse, drop hop-by-hop headers, send on as POST, stream the response back. Prints its port through
// IPC and replies to "cpu" with process.cpuUsage().

import { Agent, createServer, request as httpRequest } from "node:http";
import { ConnectionMemo, Http1Pool, Http1Server, ioPath, ResponseHeaders } from "@latchkey/http1";
import { Pool } from "undici";

const [name, upstreamPort] = process.argv.slice(2);
const port = Number(upstreamPort);
const host = "127.0.0.1";

/** By name, not by Connection: the responses of this bench name nothing there. */
const DROPPED = new Set([
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "content-length",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

function endToEnd(headers) {
  const kept = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!DROPPED.has(headers[i])) kept.push(headers[i], headers[i + 1]);
  }
  return kept;
}

/** One forwarded request between our server and any client of our interface. */
class Forward {
  #client;
  #exchange;
  #upstream;
  constructor(client, exchange) {
    this.#client = client;
    this.#exchange = exchange;
  }
  start() {
    const { path, query, fields, bodyLength } = this.#exchange;
    this.#upstream = this.#client.dispatch(
      {
        method: "POST",
        path: query === "" ? path : `${path}?${query}`,
        headers: endToEnd(fields),
        contentLength: bodyLength,
      },
      this,
    );
    return this;
  }
  onBodyData(chunk) {
    if (!this.#upstream.write(chunk)) this.#exchange.pause();
  }
  onBodyEnd() {
    this.#upstream.end();
  }
  onWritable() {
    this.#upstream.resume();
  }
  onAborted() {
    this.#upstream.abort();
  }
  onDrain() {
    this.#exchange.resume();
  }
  onResponseStart(status, statusText, list, contentLength) {
    this.#exchange.writeHead(status, statusText, new ResponseHeaders(endToEnd(list)), contentLength);
  }
  onResponseData(chunk) {
    return this.#exchange.write(chunk);
  }
  onResponseEnd() {
    this.#exchange.end();
  }
  onError() {
    if (this.#exchange.state === "open")
      this.#exchange.respond(502, "Bad Gateway", [], Buffer.alloc(0), false);
    else this.#exchange.abort();
  }
}

/** undici behind the same interface, as thin as it gets. */
class UndiciClient {
  #pool = new Pool(`http://${host}:${port}`, { connections: 128 });
  dispatch(request, handler) {
    let resume = () => {};
    const body = request.contentLength === 0 ? null : new Body();
    this.#pool.dispatch(
      { method: request.method, path: request.path, headers: request.headers, body },
      {
        onConnect() {},
        onHeaders(status, rawHeaders, resumeIt, statusText) {
          resume = resumeIt;
          const headers = rawHeaders.map((item, i) =>
            i % 2 === 0 ? item.toString("latin1").toLowerCase() : item.toString("latin1"),
          );
          const at = headers.indexOf("content-length");
          handler.onResponseStart(status, statusText, headers, at < 0 ? -1 : Number(headers[at + 1]));
          return true;
        },
        onData: (chunk) => handler.onResponseData(chunk),
        onComplete: () => handler.onResponseEnd(),
        onError: (error) => handler.onError(error),
      },
    );
    return {
      write: (chunk) => body.push(Buffer.from(chunk)),
      end: () => body?.push(null),
      resume: () => resume(),
      abort() {},
    };
  }
}

const { Readable } = await import("node:stream");
class Body extends Readable {
  _read() {}
}

function strictFront(client) {
  const server = new Http1Server({
    createMemo: () => new ConnectionMemo(),
    onRequest: (exchange) => new Forward(client, exchange).start(),
  });
  return server.listen(host, 0);
}

function nodeProxy() {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const server = createServer((req, res) => {
    const headers = {};
    for (const [key, value] of Object.entries(req.headers)) if (!DROPPED.has(key)) headers[key] = value;
    const length = req.headers["content-length"];
    if (length !== undefined) headers["content-length"] = length;
    const upstream = httpRequest(
      { host, port, agent, method: "POST", path: req.url, headers },
      (response) => {
        const back = {};
        for (const [key, value] of Object.entries(response.headers)) {
          if (!DROPPED.has(key) || key === "content-length") back[key] = value;
        }
        res.writeHead(response.statusCode, response.statusMessage, back);
        response.pipe(res);
      },
    );
    upstream.on("error", () => res.destroy());
    req.pipe(upstream);
  });
  server.listen(0, host);
  return new Promise((resolve) => server.on("listening", () => resolve(server.address().port)));
}

function origin() {
  const small = Buffer.from('{"hello":"world!"}');
  const large = Buffer.alloc(1_048_576, "x");
  const respond = (exchange) => {
    const body = exchange.path === "/large" ? large : small;
    exchange.respond(200, "OK", ["content-type", "application/json"], body, false);
  };
  const server = new Http1Server({
    onRequest: (exchange) => {
      if (exchange.bodyLength === 0) {
        respond(exchange);
        return null;
      }
      return { onBodyData() {}, onBodyEnd: () => respond(exchange), onWritable() {}, onAborted() {} };
    },
  });
  return server.listen(host, 0);
}

const starts = {
  origin,
  http1: () => strictFront(new Http1Pool({ host, port, connectionsMax: 128 })),
  undici: () => strictFront(new UndiciClient()),
  "node:http": nodeProxy,
};

await ioPath.select(process.env.LATCHKEY_INGRESS_IO ?? "auto");
process.on("message", () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
process.on("disconnect", () => process.exit(0));
process.send({ port: await starts[name]() });
