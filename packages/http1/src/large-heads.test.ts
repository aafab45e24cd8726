// Limits of heads mean what they say, and no head that a limit lets in is too large to be sent on.

import { afterEach, describe, expect, it } from "vitest";
import { Http1Pool } from "./client/upstream-pool.js";
import { fetchOnce } from "./testing/collect.js";
import { client, echo, serve, text } from "./testing/test-server.js";

const pools: Http1Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.destroy();
});

/** A request whose head has exactly so many bytes. */
function headOf(bytes: number): string {
  const head = (value: string): string => `GET / HTTP/1.1\r\nHost: a\r\nX: ${value}\r\n\r\n`;
  return head("x".repeat(bytes - head("").length));
}

const SIZES = [64, 1_000, 16_384, 40_000, 65_536, 2 ** 20];

describe.each(SIZES)("a limit of %d bytes", (headBytesMax) => {
  it("takes a head of as many bytes and refuses one more, whole or in pieces", async () => {
    const { port, refused } = await serve(echo, { headBytesMax });
    for (const pieces of [1, 3]) {
      const cut = (head: string): string[] => {
        const length = Math.ceil(head.length / pieces);
        return Array.from({ length: pieces }, (_, i) => head.slice(i * length, (i + 1) * length));
      };
      const one = await client(port);
      for (const piece of cut(headOf(headBytesMax))) one.send(piece);
      await one.untilText("GET /");
      expect(one.statuses).toEqual([200]);
      for (const piece of cut(headOf(headBytesMax + 1))) one.send(piece);
      await one.untilEnded();
      expect(one.statuses).toEqual([200, 400]);
    }
    expect(refused).toEqual(["head_too_large", "head_too_large"]);
  });

  it("takes a response head of as many bytes, and sends both on with more fields", async () => {
    const { port } = await serve(
      (request) => {
        const value = request.fields[request.fields.indexOf("x") + 1]!;
        request.respond(200, "OK", ["x", value], "", false);
        return null;
      },
      { headBytesMax: 2 ** 20 },
    );
    const pool = new Http1Pool({ host: "127.0.0.1", port, responseHeadBytesMax: 2 ** 20 });
    pools.push(pool);
    const value = "x".repeat(headBytesMax);
    if (headBytesMax === 2 ** 20) return; // the other server's limit
    const got = await fetchOnce(pool, { headers: ["x", value] });
    expect([got.error, got.status]).toEqual([null, 200]);
    expect(got.headers[got.headers.indexOf("x") + 1]).toBe(value);
  });
});

it("limits lines by number, exactly", async () => {
  const { port, refused } = await serve((request) => {
    text(request, `${request.fields.length / 2} fields`);
    return null;
  });
  const request = (fields: number): string =>
    `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(fields - 1)}\r\n`;
  const one = await client(port);
  one.send(request(100));
  await one.untilText("100 fields");
  one.send(request(101));
  await one.untilEnded();
  expect(refused).toEqual(["fields_too_many"]);
});
