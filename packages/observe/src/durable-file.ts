/** Writes private files so that a loss of power leaves the old one or the new one, never half of one or none. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { PRIVATE_FILE_MODE } from "./private-files.js";

/** Temporary file, fsync, rename, fsync of the folder. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", PRIVATE_FILE_MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await renameDurably(temporary, path);
}

/** @param from a file whose content is synced, in the folder of `to` */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  const directory = await open(dirname(to), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
