/**
 * What becomes of a standard output that cannot be written. A reader that closes the pipe (`latchkey openapi … | head -1`)
 * has all that it wants: the command ends with the exit code of its work. Any other failure, such as a full disk, is
 * reported and the exit code is 1.
 */
import { printError } from "./output.js";

const CLOSED_BY_READER = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

export function watchStandardOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (CLOSED_BY_READER.has(error.code ?? "")) return;
    printError([`Standard output cannot be written: ${error.message}`]);
    process.once("exit", () => {
      process.exitCode = 1;
    });
  });
}
