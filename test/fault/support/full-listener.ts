/**
 * An HTTP server whose queue of new connections is full, because its process is stopped: the kernel drops what comes, as a dead
 * host does. Once it goes on, the next attempt gets through: the kernel repeats one a second after it was made, so that the
 * server looks like one that is a second away. IPv4 and Linux.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { eventually, startProcess, type TestProcess } from "@latchkey/testkit";

/** The kernel queues one more. */
const BACKLOG = 1;
const SERVER = `
  const [host, port] = process.argv.slice(1);
  const server = require("node:http").createServer((_, res) => res.end("well"));
  server.listen({ host, port: Number(port), backlog: ${BACKLOG} }, () => console.log("{}"));
`;
const SYN_SENT = "02";

export class FullListener implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #fillers: Socket[] = [];
  /** As in /proc/net/tcp. */
  readonly #address: string;

  private constructor(process: TestProcess, address: string) {
    this.#process = process;
    this.#address = address;
  }

  static async start(host: string, port: number): Promise<FullListener> {
    const process = startProcess({ args: ["-e", SERVER, host, String(port)] });
    const bytes = host.split(".").map(Number).toReversed();
    const listener = new FullListener(process, `${hexOf(bytes)}:${hexOf([port >> 8, port & 0xff])}`);
    await process.waitForJson();
    process.kill("SIGSTOP");
    await eventually(
      async () =>
        /^State:\s+T/m.test(readFileSync(`/proc/${process.pid}/status`, "utf8")) ? true : undefined,
      "the listener is stopped",
      { everyMs: 1 },
    );
    for (let i = 0; i <= BACKLOG; i++) await listener.#fill(host, port);
    return listener;
  }

  /** Resolves when so many wait for a connection to it. */
  async isTried(count: number): Promise<void> {
    const waiting = () => this.#states().filter((state) => state === SYN_SENT).length;
    await eventually(async () => (waiting() >= count ? true : undefined), "the listener is tried", {
      everyMs: 1,
    });
  }

  goOn(): void {
    this.#process.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#fillers) socket.destroy();
    await this.#process[Symbol.asyncDispose]();
  }

  /** Of the sockets that are connected to it, or try to be. */
  #states(): readonly (string | undefined)[] {
    const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
    return lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote]) => remote === this.#address)
      .map(([, , , state]) => state);
  }

  #fill(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, resolve);
      socket.on("error", reject);
      this.#fillers.push(socket);
    });
  }
}

function hexOf(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
