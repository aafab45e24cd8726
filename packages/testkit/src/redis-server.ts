/** A Redis server of its own on loopback, with a password and nothing on disk; can be killed and started again. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "./free-port.js";
import { startProcess, type TestProcess } from "./process.js";

/** Debian's `redis-server`, or null: then the test says that it is skipped. */
export function hasRedis(): boolean {
  return spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0;
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly password = "a-password-that-no-log-has";
  #process: TestProcess | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  urlAt(port: number): string {
    return `redis://:${this.password}@127.0.0.1:${port}`;
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  async start(): Promise<void> {
    const { port, password } = this;
    const settings = {
      bind: "127.0.0.1",
      port,
      requirepass: password,
      save: "",
      appendonly: "no",
      loglevel: "notice",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = startProcess({ command: "redis-server", args });
    await this.#process.waitFor((output) =>
      output.includes("Ready to accept connections") ? true : undefined,
    );
  }

  /** Lets scripts wait, and everything that writes, until `unpause`. */
  pauseWrites(): Promise<void> {
    return this.#command("CLIENT PAUSE 60000 WRITE");
  }

  unpause(): Promise<void> {
    return this.#command("CLIENT UNPAUSE");
  }

  async #command(line: string): Promise<void> {
    const socket = connect({ host: "127.0.0.1", port: this.port });
    let reply = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      reply += text;
    });
    socket.write(`AUTH ${this.password}\r\n${line}\r\nQUIT\r\n`);
    await once(socket, "close");
    if (reply !== "+OK\r\n+OK\r\n+OK\r\n") throw new Error(`redis said: ${reply}`);
  }

  /** SIGKILL. What it counted is gone. */
  async kill(): Promise<void> {
    await this.#process?.stop("SIGKILL");
    this.#process = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
