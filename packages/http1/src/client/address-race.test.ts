import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { AddressRace } from "./address-race.js";
import type { UpstreamAddress } from "./upstream-client.js";

const addresses: UpstreamAddress[] = [1, 2, 3].map((n) => ({ address: `192.0.2.${n}`, family: 4 }));

interface Outcome {
  readonly socket?: Socket;
  readonly address?: string;
  readonly error?: Error;
}

/** A race whose sockets connect and fail when the test says so: network delays that no busy machine changes. */
function race(list = addresses) {
  const opened: Socket[] = [];
  const waiting: (() => void)[] = [];
  const handle: { race?: AddressRace } = {};
  const over = new Promise<Outcome>((resolve) => {
    handle.race = new AddressRace(
      list,
      () => {
        const socket = new Socket();
        opened.push(socket);
        for (const wake of waiting.splice(0)) wake();
        return socket;
      },
      (socket, { address }) => resolve({ socket, address }),
      (error) => resolve({ error }),
    );
  });
  const untilOpened = async (count: number): Promise<void> => {
    while (opened.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { opened, over, untilOpened, cancel: () => handle.race?.cancel() };
}

function fail(socket: Socket | undefined, code: string): void {
  socket?.destroy(Object.assign(new Error(code), { code }));
}

describe("AddressRace", () => {
  it("does not cut off an attempt when the next one starts: a distant origin may accept later than that", async () => {
    const { opened, over, untilOpened } = race();
    await untilOpened(2);
    expect(opened[0]?.destroyed).toBe(false);
    opened[0]?.emit("connect");
    expect(await over).toMatchObject({ address: "192.0.2.1", socket: opened[0] });
    expect(opened[1]?.destroyed).toBe(true);
    expect(opened[0]?.listenerCount("error")).toBe(0);
  });

  it("does not wait for the end of an attempt that gets no reply", async () => {
    const { opened, over, untilOpened } = race();
    await untilOpened(2);
    opened[1]?.emit("connect");
    expect(await over).toMatchObject({ address: "192.0.2.2" });
    expect(opened[0]?.destroyed).toBe(true);
  });

  it("tries the next address at once after a failure", async () => {
    const { opened, over, untilOpened } = race();
    fail(opened[0], "ECONNREFUSED");
    await untilOpened(2);
    opened[1]?.emit("connect");
    expect(await over).toMatchObject({ address: "192.0.2.2" });
  });

  it("reports the most telling error when every address has failed", async () => {
    const { opened, over, untilOpened } = race();
    fail(opened[0], "ENETUNREACH");
    await untilOpened(2);
    fail(opened[1], "ECONNREFUSED");
    await untilOpened(3);
    fail(opened[2], "EHOSTUNREACH");
    expect((await over).error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("opens nothing more once it is canceled", async () => {
    const { opened, cancel } = race();
    cancel();
    expect(opened[0]?.destroyed).toBe(true);
    opened[0]?.emit("error", new Error("late"));
    expect(opened).toHaveLength(1);
  });
});
