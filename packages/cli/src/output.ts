/** Writes to the terminal, where text of a document, an API or a server is made harmless, and to files. */
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { escapeControls, escapeLine } from "@latchkey/observe/terminal-text";
import { FileDraft } from "./file-draft.js";

/** Prints to standard output: a text with its lines, or lines that stay one line each. */
export function print(text: string | readonly string[]): void {
  process.stdout.write(printable(text));
}

/** Prints to standard error. */
export function printError(text: string | readonly string[]): void {
  process.stderr.write(printable(text));
}

/** As a file's name: standard input or standard output. */
export const STANDARD_STREAM = "-";

/** As a message names it. */
export function nameOf(file: string): string {
  return file === STANDARD_STREAM ? "standard input" : file;
}

/** The text of a file or of standard input. */
export async function read(file: string): Promise<string> {
  if (file === STANDARD_STREAM) return await text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read: ${reason(error)}`, { cause: error });
  }
}

/**
 * Writes a document to a file or to standard output: whole for a program that reads it, and with its control characters
 * escaped for a terminal.
 */
export function write(document: string, file: string | undefined): void {
  if (file !== undefined && file !== STANDARD_STREAM) writeFile(file, document);
  else if (process.stdout.isTTY) print(document);
  else process.stdout.write(ended(document));
}

function writeFile(file: string, document: string): void {
  try {
    using draft = new FileDraft(file);
    writeFileSync(draft.path, document);
    draft.commit();
  } catch (error) {
    throw new Error(`${file} cannot be written: ${reason(error)}`, { cause: error });
  }
}

/** `no such file or directory` of Node's `ENOENT: no such file or directory, open '…'`. */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+: (.+?)(?:, \w+(?: '.*')?)?$/.exec(message)?.[1] ?? message;
}

function printable(text: string | readonly string[]): string {
  return ended(typeof text === "string" ? escapeControls(text) : text.map(escapeLine).join("\n"));
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
