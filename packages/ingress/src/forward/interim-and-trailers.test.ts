/** 1xx responses and trailers of a real server are not passed on, and the response around them is right (docs/request-path.md). */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, combinations, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const headers = { "connxio-api-key": key.secret };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(combinations)("over $name", ({ engine, client }) => {
  const worldTo = (url: string) =>
    World.of(
      () => [anIntegration("int_1", url), anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]), key.resource],
      { engine, client },
    );

  it("103 Early Hints, other 1xx and trailers of a response stay out; status, headers and body arrive", async () => {
    const url = await serve((_req, res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.writeProcessing();
      res.writeEarlyHints({ link: "</script.js>; rel=preload" });
      res.writeHead(201, { trailer: "x-checksum", "x-final": "1" });
      res.write("first ");
      res.addTrailers({ "x-checksum": "abc" });
      res.end("last");
    });
    await using world = await worldTo(url);
    for (let round = 0; round < 2; round++) {
      const interims: number[] = [];
      const req = request(`${world.url}/a`, { headers });
      req.on("information", ({ statusCode }) => interims.push(statusCode)).end();
      const [res] = (await once(req, "response")) as [IncomingMessage];
      expect(await text(res)).toBe("first last");
      expect([res.statusCode, res.headers["x-final"], res.headers.link]).toEqual([201, "1", undefined]);
      expect([res.headers.trailer, res.headers["x-checksum"], res.trailers["x-checksum"]]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(interims).toEqual([]);
    }
  });

  it("trailers of a request stay out; its body arrives", async () => {
    let seen: IncomingMessage | undefined;
    let body = "";
    const url = await serve((req, res) => {
      seen = req;
      void text(req).then((all) => {
        body = all;
        res.end("done");
      });
    });
    await using world = await worldTo(url);
    const req = request(`${world.url}/a`, {
      method: "POST",
      headers: { ...headers, trailer: "x-checksum", "transfer-encoding": "chunked" },
    });
    req.write("some ");
    req.addTrailers({ "x-checksum": "abc" });
    req.end("text");
    const [res] = (await once(req, "response")) as [IncomingMessage];
    expect([res.statusCode, await text(res), body]).toEqual([200, "done", "some text"]);
    expect([seen?.headers.trailer, seen?.headers["x-checksum"], seen?.trailers["x-checksum"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
