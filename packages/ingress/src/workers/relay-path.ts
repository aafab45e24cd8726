/**
 * Where the workers' socket is: in the data folder, which no cleaner empties. Removes the sockets that primaries left
 * which were killed.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { type Logger, makePrivateFolder } from "@latchkey/observe";

/** Bytes of a socket's path: 108 on Linux and 104 on macOS, with a zero at the end. */
const PATH_BYTES_MAX = 103;
const NAME = /^relay-(\d+)\.sock$/;

export interface RelayPath {
  readonly socket: string;
  remove(): void;
}

export function makeRelayPath(dataDir: string, log: Logger, tmp: string = tmpdir()): RelayPath {
  makePrivateFolder(dataDir);
  removeStale(dataDir);
  const name = `relay-${process.pid}.sock`;
  const absolute = resolve(dataDir, name);
  const candidates = [absolute, relative(process.cwd(), absolute)]; // workers run in the same folder
  const socket = candidates.find((path) => Buffer.byteLength(path) <= PATH_BYTES_MAX);
  if (socket !== undefined) return { socket, remove: () => rmSync(socket, { force: true }) };
  const directory = mkdtempSync(join(tmp, "latchkey-workers-"));
  log.warn({ dataDir, socket: directory }, "the path of the data folder is too long for the workers' socket");
  return {
    socket: join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function removeStale(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined) continue;
    if (Number(pid) === process.pid || !isRunning(Number(pid))) rmSync(join(dataDir, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
