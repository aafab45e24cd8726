/** Child processes of the benchmark: pinned to a core, awaited by a condition, ended with the benchmark. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Child {
  readonly pid: number;
  readonly output: () => string;
  alive(): boolean;
  stop(): Promise<void>;
  waitForLine(find: (line: string) => boolean): Promise<string>;
}

/** Cores by role: the proxy has one for itself, the load and the upstream share the other. */
export const PROXY_CORE = "0";
export const LOAD_CORE = "1";

/** Where a contender with so many workers runs. */
export const coresOf = (workers: number): string =>
  workers === 1 ? PROXY_CORE : `${PROXY_CORE},${LOAD_CORE}`;

export function startChild(
  core: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Child {
  const child = spawn("taskset", ["-c", core, command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  let output = "";
  const waiters = new Set<() => void>();
  const take = (text: string) => {
    output = (output + text).slice(-65_536);
    for (const wake of [...waiters]) wake();
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(child);
      resolve();
      for (const wake of [...waiters]) wake();
    });
  });
  return {
    pid: child.pid ?? -1,
    output: () => output,
    alive: () => child.exitCode === null && child.signalCode === null,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await exited;
      clearTimeout(limit);
    },
    waitForLine: (find) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const line = output.split("\n").find(find);
          if (line !== undefined) resolve(line);
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`${command} ended:\n${output}`));
          else return;
          waiters.delete(check);
        };
        waiters.add(check);
        check();
      }),
  };
}

/** Resolves when something accepts on the port. */
export async function waitForPort(port: number, child: Child, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (accepted) return;
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port}:\n${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
