/** Writes an answer to a file or to standard output. */
import { writeFileSync } from "node:fs";

export function write(text: string, file: string | undefined): void {
  if (file === undefined) process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  else writeFileSync(file, text);
}
