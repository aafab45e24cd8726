/** Reads the frames of a last-known-good file, and says how the file ended. Tells damage from a file that cannot be read. */
import { type FileHandle, open } from "node:fs/promises";
import { FrameReader } from "./frames.js";

const READ_BYTES = 1024 * 1024;

/** The file system does not give a file's bytes: another owner, a disk that fails. */
export class Unreadable {
  readonly reason: string;

  constructor(cause: unknown) {
    this.reason = cause instanceof Error ? cause.message : String(cause);
  }
}

/** Reads frames until the visitor says false. A file that is not there has none. */
export async function readFrames(
  path: string,
  visit: (type: number, payload: Buffer) => Promise<boolean>,
): Promise<"clean" | "torn" | "damaged" | Unreadable> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "ENOENT" ? "clean" : new Unreadable(cause);
  }
  const reader = new FrameReader();
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES); // one for all: fresh memory costs more than reading into it
  try {
    for (;;) {
      const bytesRead = await readInto(file, buffer);
      if (bytesRead instanceof Unreadable) return bytesRead;
      if (bytesRead === 0) break;
      for (const { type, payload } of reader.push(buffer.subarray(0, bytesRead))) {
        if (!(await visit(type, payload))) return "damaged";
      }
    }
  } catch {
    return "damaged"; // a payload that does not decode
  } finally {
    await file.close();
  }
  return reader.end();
}

async function readInto(file: FileHandle, buffer: Buffer): Promise<number | Unreadable> {
  try {
    return (await file.read(buffer, 0, buffer.length)).bytesRead;
  } catch (cause) {
    return new Unreadable(cause);
  }
}
