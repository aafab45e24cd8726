import { afterEach, describe, expect, it } from "vitest";
import { TICK_MS, type Ticked, ticker } from "../io/ticker.js";
import { client, echo, H, Seen, serve } from "../testing/test-server.js";
import type { Http1ServerOptions } from "./server-options.js";

const WINDOW_MS = 500;
/** 500 bytes in each window. */
const floor: Partial<Http1ServerOptions> = { bodyIdleTimeoutMs: WINDOW_MS, bodyBytesPerSecondMin: 1_000 };
const upload = (length: number): string => `POST / HTTP/1.1\r\n${H}Content-Length: ${length}\r\n\r\n`;

const members: Ticked[] = [];
afterEach(() => {
  for (const member of members.splice(0)) ticker.remove(member);
});

/** By the server's own clock: what is sent in a window does not depend on how busy the machine is. */
function eachTick(onTick: () => void): void {
  const member = { onTick };
  members.push(member);
  ticker.add(member);
}

describe("a request body", () => {
  it("that comes too slowly is refused with 408, though it never stands still", async () => {
    const { port, refused } = await serve(echo, floor);
    const one = await client(port);
    one.send(upload(10_000));
    eachTick(() => one.send("x"));
    await one.untilEnded();
    expect(refused).toEqual(["body_too_slow"]);
  });

  it("that comes in chunks of one byte is measured by its content", async () => {
    const { port, refused } = await serve(echo, floor);
    const one = await client(port);
    one.send(`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`);
    eachTick(() => one.send(`1;${"x".repeat(100)}\r\n.\r\n`));
    await one.untilEnded();
    expect(refused).toEqual(["body_too_slow"]);
  });

  it("that keeps to the floor is taken, however long it takes", async () => {
    const { port, refused } = await serve(echo, floor);
    const one = await client(port);
    one.send(upload(6_000));
    let sent = 0;
    eachTick(() => {
      if (sent++ < 20) one.send("x".repeat(300));
    });
    await one.untilText("POST /");
    expect([one.statuses, refused]).toEqual([[200], []]);
  });

  it("is not measured while it is paused", async () => {
    const all: Seen[] = [];
    const { port, refused } = await serve((request) => {
      const seen = new Seen(request);
      all.push(seen);
      request.pause();
      seen.onEnd = () => request.respond(200, "OK", [], "whole", false);
      return seen;
    }, floor);
    const one = await client(port);
    one.send(`${upload(10)}01234`);
    let ticks = 0;
    await new Promise<void>((resolve) => {
      eachTick(() => {
        if (++ticks === (3 * WINDOW_MS) / TICK_MS) resolve();
      });
    });
    all[0]!.request.resume();
    one.send("56789");
    await one.untilText("whole");
    expect(refused).toEqual([]);
  });

  it("that takes too long in all is refused with 408, however fast it is", async () => {
    const { port, refused } = await serve(echo, { bodyTimeoutMs: WINDOW_MS });
    const one = await client(port);
    one.send(upload(1_000_000));
    eachTick(() => one.send("x".repeat(1_000)));
    await one.untilEnded();
    expect(refused).toEqual(["body_too_slow"]);
  });
});
