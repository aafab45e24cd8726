// An idle connection is not looked at with each tick, and keeps its time-outs all the same.
import { expect, it } from "vitest";
import { client, echo, H, serve, ticks } from "../testing/test-server.js";
import { ConnectionMemo } from "./connection-memo.js";

class CountingMemo extends ConnectionMemo {
  looks = 0;

  override age(): void {
    this.looks++;
    super.age();
  }
}

const GET = `GET / HTTP/1.1\r\n${H}\r\n`;

it("is left alone until something arrives", async () => {
  const memo = new CountingMemo();
  const { port } = await serve(echo, { createMemo: () => memo });
  const one = await client(port);
  one.send(GET);
  await one.untilText("GET /");
  await ticks(3);
  const { looks } = memo;
  await ticks(5);
  expect(memo.looks).toBe(looks);
  one.send(GET);
  await one.until(() => one.statuses.length === 2);
  await ticks(1);
  expect(memo.looks).toBeGreaterThan(looks);
});

it("is timed from the first byte of its next head", async () => {
  const { port, refused } = await serve(echo, { headTimeoutMs: 300 });
  const one = await client(port);
  one.send(GET);
  await one.untilText("GET /");
  await ticks(3);
  one.send("GET / HTTP");
  await one.untilEnded();
  expect(refused).toEqual(["head_timeout"]);
});

it("is closed when its time is over", async () => {
  const { port, refused } = await serve(echo, { idleTimeoutMs: 500 });
  const one = await client(port);
  one.send(GET);
  await one.untilEnded();
  expect([one.statuses, refused]).toEqual([[200], []]);
});
