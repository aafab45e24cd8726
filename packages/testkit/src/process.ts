/**
 * Child processes for tests: started, awaited by condition, killed at the end whatever happens.
 * Keeps all output, so that a test can search it for secrets.
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

export interface StartOptions {
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** A file descriptor that takes its standard error; by default it is kept here. */
  readonly stderrFd?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
process.on("exit", killProcesses);

/** Ends all that were started here: for a test that ran out of time, whose worker may be ended without its `exit`. */
export function killProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** One child process. `await using` ends it with SIGKILL if it still runs. */
export class TestProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exited: Promise<Exit>;
  #stdout = "";
  #stderr = "";
  readonly #watchers = new Set<() => void>();

  constructor(options: StartOptions) {
    const settings: SpawnOptions = {
      stdio: ["ignore", "pipe", options.stderrFd ?? "pipe"],
      env: { ...process.env, ...options.env },
    };
    if (options.cwd !== undefined) settings.cwd = options.cwd;
    this.#child = spawn(options.command ?? process.execPath, [...options.args], settings);
    running.add(this.#child);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.exited = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        running.delete(this.#child);
        resolve({ code, signal });
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Everything it wrote. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Resolves with the first value that `find` gives for the output so far; rejects when the process ends first or time runs out. */
  async waitFor<T>(find: (stdout: string, stderr: string) => T | undefined, timeoutMs = 120_000): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const fail = (reason: string) => {
        finish();
        reject(new Error(`${reason}; output:\n${this.output.slice(-4000)}`));
      };
      const check = () => {
        const found = find(this.#stdout, this.#stderr);
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          fail(`the process ended (${this.#child.exitCode ?? this.#child.signalCode})`);
        }
      };
      const timer = setTimeout(() => fail(`nothing after ${timeoutMs} ms`), timeoutMs);
      const finish = () => {
        clearTimeout(timer);
        this.#watchers.delete(check);
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** The first line of standard output that is a JSON object. */
  async waitForJson<T>(timeoutMs = 120_000): Promise<T> {
    return await this.waitFor((stdout) => {
      for (const line of stdout.split("\n").slice(0, -1))
        if (line.startsWith("{")) return JSON.parse(line) as T;
      return undefined;
    }, timeoutMs);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    this.#child.kill(signal);
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.exited;
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

export function startProcess(options: StartOptions): TestProcess {
  return new TestProcess(options);
}

/**
 * Polls a condition that has no event (another process's state) until it gives a value. An error counts as "not yet", except
 * a failed assertion: what must never be seen, also not while waiting.
 */
export async function eventually<T>(
  probe: () => Promise<T | undefined>,
  what: string,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? 60_000);
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      if (error instanceof Error && error.name === "AssertionError") throw error;
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within time`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 20));
  }
}
