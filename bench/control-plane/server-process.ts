/** Starts, asks and ends the server process. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Reply, Request } from "./messages.js";

const script = fileURLToPath(new URL("server.ts", import.meta.url));

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: { result?: Reply; error?: string }) => void>();
  #lastId = 0;

  static async start(args: readonly string[]): Promise<ServerProcess> {
    const server = new ServerProcess(args);
    await new Promise<void>((resolve, reject) => {
      server.#waiting.set(0, () => resolve());
      server.#child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    return server;
  }

  private constructor(args: readonly string[]) {
    this.#child = fork(script, args, {
      execArgv: ["--import", "tsx", "--expose-gc"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (message: { id: number; result?: Reply; error?: string }) => {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
  }

  ask<K extends Request["kind"]>(
    request: Extract<Request, { kind: K }>,
  ): Promise<Extract<Reply, { kind: ReplyOf[K] }>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as Extract<Reply, { kind: ReplyOf[K] }>);
        else reject(new Error(error));
      });
      this.#child.send({ ...request, id });
    });
  }

  /** At once, as a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

interface ReplyOf {
  readonly info: "info";
  readonly register: "registered";
  readonly burst: "commits";
  readonly stats: "stats";
}
