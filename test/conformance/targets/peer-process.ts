// Starts a gateway that is a program with a configuration file: writes the file to a folder of its own, runs it,
// waits until its ports accept, and takes folder and process away afterwards.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, freePort, startProcess } from "@latchkey/testkit";
import type { RunningTarget } from "../support/target.js";

export interface PeerProgram {
  readonly command: string;
  readonly files: (folder: string, port: number, shortPort: number) => ReadonlyMap<string, string>;
  readonly args: (folder: string) => readonly string[];
  /** Asks the program for its version. */
  readonly version: () => Promise<string>;
}

const attemptsMax = 5;

export async function startPeer(program: PeerProgram): Promise<RunningTarget> {
  const version = await program.version();
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "latchkey-conformance-"));
    const [port, shortPort] = [await freePort(), await freePort()];
    for (const [name, text] of program.files(folder, port, shortPort))
      await writeFile(join(folder, name), text);
    const child = startProcess({ command: program.command, args: program.args(folder) });
    let isAlive = true;
    void child.exited.then(() => {
      isAlive = false;
    });
    const stop = async () => {
      if (isAlive) await child.stop("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    };
    try {
      await eventually(
        async () => {
          if (!isAlive) throw new Error(`${program.command} ended at once: ${child.output.slice(-2_000)}`);
          return (await accepts(port)) && (await accepts(shortPort)) ? true : undefined;
        },
        `${program.command} accepts connections`,
        { timeoutMs: 60_000 },
      );
      return { port, shortPort, version, isAlive: () => isAlive, stop };
    } catch (error) {
      await stop();
      if (attempt === attemptsMax) throw error;
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** What a program prints when asked for its version, on either stream. */
export async function versionText(command: string, flag: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, [flag]);
  return stdout + stderr;
}
