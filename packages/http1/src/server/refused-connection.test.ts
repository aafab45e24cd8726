import { describe, expect, it } from "vitest";
import { client, echo, H, Seen, serve, ticks } from "../testing/test-server.js";

const GET = `GET /served HTTP/1.1\r\n${H}\r\n`;

/** Idle for longer than a connection that may be closed for another one. */
const IDLE_TICKS = 12;

describe("a server that is full", () => {
  it("refuses a connection with 503, and lets it read that although it had sent its request", async () => {
    const { port, server } = await serve((request) => new Seen(request), { connectionsMax: 1 });
    const one = await client(port);
    one.send(GET);
    while (server.connections() === 0) await new Promise((resolve) => setImmediate(resolve));
    const two = await client(port);
    two.send(GET);
    await two.untilEnded();
    expect(two.statuses).toEqual([503]);
    expect(two.received).toContain("\r\nconnection: close\r\n");
    expect(two.error).toBeNull();
  });

  it("closes an idle connection for a new one, first of all one that never sent a request", async () => {
    let closed = 0;
    const onIdleClosed = (): void => {
      closed++;
    };
    const { port } = await serve(echo, { connectionsMax: 2, onIdleClosed });
    const kept = await client(port);
    kept.send(GET);
    await kept.untilText("/served");
    const silent = await client(port);
    await ticks(IDLE_TICKS);
    const three = await client(port);
    three.send(GET);
    await three.untilText("/served");
    await silent.untilEnded();
    expect([kept.ended, closed]).toEqual([false, 1]);
    await ticks(IDLE_TICKS);
    const four = await client(port);
    four.send(GET);
    await four.untilText("/served");
    expect(closed).toBe(2);
  });

  it.each([
    ["nothing", ""],
    ["half a head", "GET /never HTTP/1.1\r\nHo"],
  ])("closes the oldest of a crowd that sent %s, which comes back at once", async (_what, sent) => {
    const { port } = await serve(echo, { connectionsMax: 4 });
    const crowd = await Promise.all(Array.from({ length: 4 }, () => client(port)));
    for (const one of crowd) one.send(sent);
    const kept: boolean[] = [];
    for (let round = 0; round < 3; round++) {
      await ticks(4); // less than an idle connection may stay
      const served = await client(port);
      served.send(GET);
      await served.untilText("/served");
      kept.push(served.ended);
      served[Symbol.dispose]();
      const back = await client(port);
      back.send(sent);
    }
    expect(kept).toEqual([false, false, false]);
  });

  it("keeps a connection between two requests for one that has sent half a head", async () => {
    const { port } = await serve(echo, { connectionsMax: 2 });
    const kept = await client(port);
    kept.send(GET);
    await kept.untilText("/served");
    const half = await client(port);
    half.send("GET / HTTP/1.1\r\n");
    await ticks(IDLE_TICKS);
    const served = await client(port);
    served.send(GET);
    await served.untilText("/served");
    await half.untilEnded();
    expect(kept.ended).toBe(false);
  });

  it("closes none for a connection that is not admitted", async () => {
    let isAdmitting = true;
    const admission = { enter: () => (isAdmitting ? "" : null), leave: () => {} };
    const { port } = await serve(echo, { connectionsMax: 1, admission });
    const kept = await client(port);
    kept.send(GET);
    await kept.untilText("/served");
    await ticks(IDLE_TICKS);
    isAdmitting = false;
    const two = await client(port);
    await two.untilEnded();
    expect(two.statuses).toEqual([503]);
    expect(kept.ended).toBe(false);
  });

  it("drops what it refuses beyond a number of connections at a time", async () => {
    const { port } = await serve((request) => new Seen(request), { connectionsMax: 1 });
    const one = await client(port);
    one.send(GET);
    const others = await Promise.all(Array.from({ length: 200 }, () => client(port)));
    await Promise.all(others.map((other) => other.untilEnded()));
    const responded = others.filter((other) => other.statuses[0] === 503).length;
    expect(responded).toBeGreaterThanOrEqual(128);
  });
});
