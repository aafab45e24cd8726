/**
 * Writes to the terminal and to files. The one place where text of a document, an API or a server becomes harmless to a
 * terminal: control characters and marks that change the direction of text are shown as `\\uXXXX`.
 */
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** C0 but for tab and line feed, DEL, C1, and the bidirectional controls (Unicode UAX #9, and the Arabic letter mark). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const LINE_CONTROLS = /[\t\n]/g;

/** The text with its lines. Within a JSON string, what comes out means the same. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, escaped);
}

/** The text as one line. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll(LINE_CONTROLS, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

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
    writeFileSync(file, document);
  } catch (error) {
    throw new Error(`${file} cannot be written: ${reason(error)}`, { cause: error });
  }
}

/** `no such file or directory` of Node's `ENOENT: no such file or directory, open '…'`. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+: (.+?)(?:, \w+(?: '.*')?)?$/.exec(message)?.[1] ?? message;
}

function printable(text: string | readonly string[]): string {
  return ended(typeof text === "string" ? escapeControls(text) : text.map(escapeLine).join("\n"));
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
