/**
 * How many client connections this process has file descriptors for. Each may need a second one, to an integration, and
 * files, the stream and the admin port need some: without a reserve a crowd of idle clients would end the node.
 */
import { readFileSync } from "node:fs";

/** Files, the stream, the admin port, logs, workers. */
const RESERVED = 128;
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

/** At most `wanted`, and at least one. */
export function connectionsFor(wanted: number, descriptors: number | null): number {
  if (descriptors === null) return wanted;
  const room = Math.floor((descriptors - RESERVED) / PER_CONNECTION);
  return Math.max(1, Math.min(wanted, room));
}
