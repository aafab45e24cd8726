// When a writer hands over what was gathered, and that writers who share scratch memory do not spoil each other's bytes.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import "../testing/select-io.js";
import { SocketWriter } from "./socket-writer.js";

let server: Server | null = null;
const open: Socket[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
  server?.close();
  server = null;
});

interface Peer {
  readonly writer: SocketWriter;
  /** Ends the writer's side. @returns everything that arrived */
  finish(): Promise<string>;
}

async function peers(count: number): Promise<Peer[]> {
  const listening = createServer();
  server = listening;
  await once(listening.listen(0, "127.0.0.1"), "listening");
  const { port } = listening.address() as AddressInfo;
  const made: Peer[] = [];
  for (let i = 0; i < count; i++) {
    const accepting = once(listening, "connection");
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const [far] = (await accepting) as [Socket];
    open.push(socket, far);
    const arrived: Buffer[] = [];
    far.on("data", (piece) => arrived.push(piece));
    made.push({
      writer: new SocketWriter(
        socket,
        { onFlushed: () => {}, onDrained: () => {}, onWriteError: (error) => void socket.destroy(error) },
        false,
      ),
      async finish() {
        socket.end();
        await once(far, "end");
        return Buffer.concat(arrived).toString("latin1");
      },
    });
  }
  return made;
}

it("gathers a small message until the end of the batch, and sends a large one when it is complete", async () => {
  const [small, large] = (await peers(2)) as [Peer, Peer];
  small.writer.writeText("s".repeat(4_095));
  small.writer.messageComplete();
  large.writer.writeText("l".repeat(4_095));
  expect(large.writer.unsent).toBe(4_095);
  large.writer.writeText("l");
  large.writer.messageComplete();
  expect([small.writer.sent, small.writer.unsent]).toEqual([false, 4_095]);
  expect([large.writer.sent, large.writer.unsent]).toEqual([true, 0]);
  await new Promise(setImmediate);
  expect([small.writer.sent, small.writer.unsent]).toEqual([true, 0]);
  expect(await small.finish()).toBe("s".repeat(4_095));
  expect(await large.finish()).toBe("l".repeat(4_096));
});

it("keeps what others gathered when memory of a message that was sent at once is used again", async () => {
  const [first, second, third] = (await peers(3)) as [Peer, Peer, Peer];
  let expectedFirst = "";
  let expectedSecond = "";
  let expectedThird = "";
  // More than one piece of scratch memory: stretches end in one and go on in the next.
  for (let i = 0; i < 14; i++) {
    const few = `${i}-first-`;
    const many = `${i}-second-`.repeat(500);
    const some = `${i}-third-`.repeat(40);
    first.writer.writeText(few);
    second.writer.writeText(many);
    second.writer.messageComplete(); // the last in the memory
    second.writer.writeText(many);
    third.writer.writeText(some);
    second.writer.messageComplete(); // another one's bytes lie behind it
    first.writer.writeText(many + few);
    expectedFirst += few + many + few;
    expectedSecond += many + many;
    expectedThird += some;
  }
  await new Promise(setImmediate);
  expect(await first.finish()).toBe(expectedFirst);
  expect(await second.finish()).toBe(expectedSecond);
  expect(await third.finish()).toBe(expectedThird);
});
