/** One child of `latchkey dev`: a `latchkey <verb>` process that is restarted when it dies by itself. */
import { type ChildProcess, fork } from "node:child_process";
import { childExecArgv } from "@latchkey/observe";
import type { ChildMessage, RefusedPort } from "../child-message.js";

export interface SupervisedOptions {
  /** For messages: `control plane`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Environment of every later start, from the URLs of the first: a restarted child listens where it did. */
  readonly pin?: (urls: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** Why a child did not become ready. */
export class ChildFailedError extends Error {
  override readonly name = "ChildFailedError";
  readonly refusedPort: RefusedPort | null;

  constructor(message: string, refusedPort: RefusedPort | null) {
    super(message);
    this.refusedPort = refusedPort;
  }
}

const RESTART_DELAYS_MS = [100, 500, 1000, 2000, 5000];
/** A child that ran this long before it died starts again without delay. */
const STABLE_AFTER_MS = 30_000;
const STOP_LIMIT_MS = 35_000;

type State = "starting" | "running" | "stopping" | "stopped";

export class SupervisedProcess {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | null = null;
  #state: State = "stopped";
  #restarts = 0;
  #pinned: Readonly<Record<string, string>> = {};
  #startedAtMs = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** Starts and resolves with the URLs that the child listens on. */
  async start(): Promise<Readonly<Record<string, string>>> {
    this.#state = "starting";
    this.#startedAtMs = performance.now();
    // Detached: a Ctrl-C reaches only the supervisor, which then stops its children in order.
    const child = fork(this.#options.command, [...this.#options.args], {
      env: { ...process.env, ...this.#options.env, ...this.#pinned },
      execArgv: childExecArgv(),
      stdio: ["ignore", 2, 2, "ipc"],
      detached: true,
    });
    this.#child = child;
    const urls = await new Promise<Readonly<Record<string, string>>>((resolve, reject) => {
      child.on("message", (message: ChildMessage) => {
        if (message.kind === "ready") resolve(message.urls);
        else reject(new ChildFailedError(message.message, message.refusedPort));
      });
      child.once("error", (error) => reject(new ChildFailedError(error.message, null)));
      child.once("exit", (code, signal) => {
        reject(
          new ChildFailedError(`the ${this.#options.name} ended at its start (${code ?? signal})`, null),
        );
      });
    });
    child.once("exit", (code, signal) => this.#onExit(code ?? signal));
    if (this.#state === "starting") this.#state = "running"; // a stop that came meanwhile stands
    this.#pinned = this.#options.pin?.(urls) ?? {};
    return urls;
  }

  /** SIGTERM, then SIGKILL when the drain takes too long. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#state = "stopping";
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(limit);
    }
    this.#state = "stopped";
  }

  #onExit(reason: number | string | null): void {
    if (this.#state !== "running") return;
    if (performance.now() - this.#startedAtMs > STABLE_AFTER_MS) this.#restarts = 0;
    const delayMs = RESTART_DELAYS_MS[Math.min(this.#restarts, RESTART_DELAYS_MS.length - 1)] ?? 0;
    this.#restarts += 1;
    this.#options.say(`The ${this.#options.name} ended (${reason}); starting it again in ${delayMs} ms.`);
    setTimeout(() => {
      if (this.#state !== "running") return;
      this.start().catch((error: unknown) => {
        if (this.#state !== "starting") return; // it was stopped before it was ready
        this.#options.say(`The ${this.#options.name} did not start: ${String(error)}`);
        this.#state = "running";
        this.#onExit("failed start");
      });
    }, delayMs);
  }
}
