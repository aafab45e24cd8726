/**
 * The parts of a body of `multipart/form-data` (RFC 7578). Strict, because the integration reads the form with a reader of its
 * own: what readers are known to differ in is refused, so that no part is checked here and read otherwise there. Bounded by the
 * body that is given and by the number of parts.
 */
import { isToken } from "@latchkey/core";
import { parametersOf, parseMediaType, splitParameters } from "./media-type.js";
import { PAIRS_MAX } from "./parameter-styles.js";

export interface Part {
  readonly name: string;
  /** Lower case, without parameters; `text/plain` when the part names none. */
  readonly contentType: string;
  /** False: `text/plain` is only what stands for a missing type (RFC 7578, section 4.4). */
  readonly isTyped: boolean;
  readonly isFile: boolean;
  /** Within the body. */
  readonly bytes: Buffer;
}

/** Of one part; and of its header lines. */
const HEADER_BYTES_MAX = 16 * 1024;
const HEADER_LINES_MAX = 32;
const CR = 0x0d;
const LF = 0x0a;

/** Null: it is no form, has too many parts, or readers differ in what they take from it. @param contentType with its boundary */
export function readParts(contentType: string, body: Uint8Array): readonly Part[] | null {
  const boundary = parseMediaType(contentType)?.boundary ?? null;
  if (boundary === null || !/^[ -~]{0,69}[!-~]$/.test(boundary)) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const blocks = blocksOf(bytes, `--${boundary}`);
  if (blocks === null) return null;
  const parts: Part[] = [];
  for (const block of blocks) {
    const part = partOf(block);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}

/** What stands between delimiters: nothing before the first one, nothing but a line end behind the last one. */
function blocksOf(body: Buffer, delimiter: string): readonly Buffer[] | null {
  const blocks: Buffer[] = [];
  let start = -1;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    const isAtLine = at === 0 || body[at - 1] === LF || body[at - 1] === CR;
    if (!isAtLine) continue;
    // Readers that take a bare line feed for a line end would begin a part here.
    if (at > 0 && (body[at - 1] !== LF || body[at - 2] !== CR)) return null;
    if (start >= 0) blocks.push(body.subarray(start, Math.max(start, at - 2)));
    else if (at > 2) return null;
    if (blocks.length > PAIRS_MAX) return null;
    const end = at + delimiter.length;
    const next = body.toString("latin1", end, end + 4);
    if (next.startsWith("--"))
      return (next === "--" || next === "--\r\n") && end + 4 >= body.length ? blocks : null;
    if (!next.startsWith("\r\n")) return null;
    start = end + 2;
  }
  return null;
}

function partOf(block: Buffer): Part | null {
  const end = block.indexOf("\r\n\r\n");
  if (end < 0 || end > HEADER_BYTES_MAX) return null;
  const headers = headersOf(block.toString("utf8", 0, end));
  const disposition = headers?.get("content-disposition");
  const name = disposition === undefined ? null : nameOf(disposition);
  if (headers === null || name === null) return null;
  const type = headers.get("content-type");
  const essence = type === undefined ? "text/plain" : parseMediaType(type)?.essence;
  if (essence === undefined) return null;
  // Readers differ in whether they decode it.
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "binary";
  if (encoding !== "binary" && encoding !== "8bit" && encoding !== "7bit") return null;
  return { ...name, contentType: essence, isTyped: type !== undefined, bytes: block.subarray(end + 4) };
}

/** Null: a line is none, or one that decides is there twice. */
function headersOf(text: string): ReadonlyMap<string, string> | null {
  const lines = text.split("\r\n", HEADER_LINES_MAX + 1);
  if (lines.length > HEADER_LINES_MAX) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    // A folded line begins with a blank.
    if (!isToken(line.slice(0, Math.max(0, colon)))) return null;
    const name = line.slice(0, colon).toLowerCase();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    if (/[\0-\x08\x0a-\x1f\x7f\ufffd]/.test(line) || (headers.has(name) && name.startsWith("content-")))
      return null;
    headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}

/** Null: no name, or more than one reading of it. */
function nameOf(disposition: string): { readonly name: string; readonly isFile: boolean } | null {
  // Whether a backslash escapes the quote behind it is seen differently by readers.
  if (disposition.includes('\\"')) return null;
  const [kind = "", ...rest] = splitParameters(disposition);
  const parameters = parametersOf(rest);
  if (kind.trim().toLowerCase() !== "form-data" || parameters === null) return null;
  const name = parameters.get("name");
  if (name === undefined || [...parameters.keys()].some((key) => key.startsWith("name*"))) return null;
  return { name, isFile: parameters.has("filename") || parameters.has("filename*") };
}
