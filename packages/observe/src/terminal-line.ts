/** A log line for a person at a terminal: time, level, process, message, fields; the stack of an error below. */
import { escapeControls, escapeLine } from "./terminal-text.js";

/** Fields of every line that a terminal shows elsewhere, or that say nothing on one machine. */
const HIDDEN = new Set(["level", "time", "pid", "hostname", "name", "msg", "err"]);

const RESET = "\u001b[0m";
const DIM = "\u001b[2m";
const COLORS: Readonly<Record<string, string>> = {
  fatal: "\u001b[1;31m",
  error: "\u001b[31m",
  warn: "\u001b[33m",
  info: "\u001b[32m",
};

/** @param json a line of the logger; anything else stays as it is */
export function terminalLine(json: string, hasColors: boolean): string {
  const record = recordOf(json);
  if (record === null) return json;
  const { level, time, name, msg, err } = record;
  const paint = (color: string, text: string) => (hasColors && text !== "" ? color + text + RESET : text);
  const fields = Object.entries(record)
    .filter(([field]) => !HIDDEN.has(field))
    .map(([field, value]) => escapeLine(`${field}=${shown(value)}`));
  const parts = [
    paint(DIM, clockTime(String(time))),
    paint(COLORS[String(level)] ?? DIM, String(level).toUpperCase().padEnd(5)),
    ...(name === undefined ? [] : [`${escapeLine(String(name))}:`]),
    ...(msg === undefined ? [] : [escapeLine(String(msg))]),
    paint(DIM, fields.join(" ")),
  ];
  return `${parts.filter((part) => part !== "").join(" ")}\n${paint(DIM, errorLines(err))}`;
}

function recordOf(json: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The local time of day: the terminal is where the process is. */
function clockTime(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? escapeLine(time) : at.toTimeString().slice(0, 8);
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** pino's `err`: type, message and stack. */
function errorLines(err: unknown): string {
  if (err === undefined) return "";
  const { stack } = (err ?? {}) as { readonly stack?: unknown };
  const text = typeof stack === "string" ? stack : JSON.stringify(err);
  return `${escapeControls(text).replaceAll(/^/gm, "    ")}\n`;
}
