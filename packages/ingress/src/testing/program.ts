/** A node as users start it, `latchkey ingress`, for tests that need a process: needs `dist/`. Tests only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { World } from "./world.js";

const command = fileURLToPath(new URL("../../../cli/bin/latchkey.js", import.meta.url));

export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  errors = "";
  /** Standard output. */
  output = "";
  readonly #ended: Promise<number | null>;

  constructor(world: World, env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [command, "ingress"], {
      env: {
        PATH: process.env.PATH,
        LATCHKEY_INGRESS_PORT: "0",
        LATCHKEY_INGRESS_ADMIN_PORT: "0",
        LATCHKEY_INGRESS_DATA_DIR: world.dataDir,
        LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: world.server.address,
        LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.#ended = once(this.child, "exit").then(([code]) => code as number | null);
  }

  /** The exit code. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Ports, from the log line that tells of them. */
  async ports(): Promise<{ readonly port: number; readonly adminPort: number }> {
    for (;;) {
      for (const line of this.errors.split("\n")) {
        if (!line.includes('"ingress listens"')) continue;
        return JSON.parse(line) as { port: number; adminPort: number };
      }
      await Promise.race([once(this.child.stderr as NodeJS.ReadableStream, "data"), this.#ended]);
      if (this.child.exitCode !== null) throw new Error(`the node ended: ${this.errors}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.#ended;
  }
}
