/**
 * How many connections this process has file descriptors for. Without a reserve for its files and for what it connects to
 * itself, a crowd of silent connections would end it, or leave it unable to do anything.
 */
import { readFileSync } from "node:fs";

/** Files, logs, workers, small ports. */
const RESERVED = 128;
/** Each connection of a client may need another one, to an integration. */
const PER_CONNECTION = 2;

/** File descriptors that this process may have open; null: unlimited, or not known here. */
export function descriptorsMax(limitsFile = "/proc/self/limits"): number | null {
  let text: string;
  try {
    text = readFileSync(limitsFile, "utf8");
  } catch {
    return null; // not Linux
  }
  const soft = /^Max open files\s+(\d+)\s/m.exec(text)?.[1];
  return soft === undefined ? null : Number(soft);
}

/**
 * At most `wanted`, and at least one.
 * @param perConnection one descriptor in so many is for these connections
 */
export function connectionsFor(
  wanted: number,
  descriptors: number | null,
  perConnection = PER_CONNECTION,
): number {
  if (descriptors === null) return wanted;
  const room = Math.floor((descriptors - RESERVED) / perConnection);
  return Math.max(1, Math.min(wanted, room));
}
