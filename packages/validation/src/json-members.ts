/**
 * Members of a JSON text. JSON.parse keeps the last of several members of one name, where another reader may keep the
 * first: a body that holds such is found by counting, and the member is looked for only then. Never recurses.
 */
import { pointerToken } from "@latchkey/core";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Members in a text that JSON.parse has taken: outside of strings each has one colon. @param bytes UTF-8 */
export function countMembers(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === COLON) count++;
    else if (byte === QUOTE) {
      i++;
      while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
    }
  }
  return count;
}

/** What `countKeys` finds in place of a count. */
export const OUT_OF_RANGE = -1;

/** Own properties in a parsed value, over all its objects; OUT_OF_RANGE when it holds a number that no double can. */
export function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return isOutOfRange(value) ? OUT_OF_RANGE : 0;
  let count = 0;
  const waiting: object[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      for (const item of next)
        if (typeof item === "object") {
          if (item !== null) waiting.push(item as object);
        } else if (isOutOfRange(item)) return OUT_OF_RANGE;
      continue;
    }
    const object = next as { readonly [key: string]: unknown };
    for (const key of Object.keys(object)) {
      count++;
      const item = object[key];
      if (typeof item === "object") {
        if (item !== null) waiting.push(item);
      } else if (isOutOfRange(item)) return OUT_OF_RANGE;
    }
  }
  return count;
}

/** JSON.parse makes Infinity of `1e400`, where another reader fails or takes another number. */
function isOutOfRange(value: unknown): boolean {
  return typeof value === "number" && value - value !== 0;
}

/** The pointer of the first number that is out of range, or null. */
export function findOutOfRange(value: unknown): string | null {
  const waiting: (readonly [unknown, string])[] = [[value, ""]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [at, pointer] = next;
    if (isOutOfRange(at)) return pointer;
    if (typeof at !== "object" || at === null) continue;
    for (const [key, item] of Object.entries(at))
      if (typeof item === "object" || isOutOfRange(item))
        waiting.push([item, `${pointer}/${pointerToken(key)}`]);
  }
  return null;
}

interface Level {
  /** Names so far; null in an array. */
  readonly names: Set<string> | null;
  /** The name or index of the value that stands here. */
  at: string | number;
}

/** The pointer (RFC 6901) of the first member whose name its object has already, or null. @param text that JSON.parse has taken */
export function findRepeatedMember(text: string): string | null {
  const levels: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case "{":
        levels.push({ names: new Set(), at: "" });
        break;
      case "[":
        levels.push({ names: null, at: 0 });
        break;
      case "}":
      case "]":
        levels.pop();
        break;
      case ",": {
        const level = levels.at(-1);
        if (level !== undefined && typeof level.at === "number") level.at++;
        break;
      }
      case '"': {
        const end = stringEnd(text, i);
        const level = levels.at(-1);
        if (level?.names != null && isName(text, end)) {
          const name = JSON.parse(text.slice(i, end)) as string;
          level.at = name;
          if (level.names.has(name)) return pointerOf(levels);
          level.names.add(name);
        }
        i = end - 1;
        break;
      }
    }
  }
  return null;
}

/** Behind the closing quote of the string that starts there. */
export function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

/** A string is a member's name when a colon follows. */
function isName(text: string, end: number): boolean {
  let i = end;
  while (text[i] === " " || text[i] === "\t" || text[i] === "\n" || text[i] === "\r") i++;
  return text[i] === ":";
}

function pointerOf(levels: readonly Level[]): string {
  return levels.map(({ at }) => `/${pointerToken(String(at))}`).join("");
}
