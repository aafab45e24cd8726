// What the scripts share: the root folder, notes and steps on standard error, child processes.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One line for the person; standard output stays free for responses. */
export function note(text) {
  process.stderr.write(`${text}\n`);
}

/** Path of a command that a dependency installed. */
export function bin(name) {
  return join(root, "node_modules", ".bin", name);
}

/** The compiler that checks types: TypeScript 7, which has no interface for programs. `typescript` is the one that has (ADR 0004). */
export const tsc = join(root, "node_modules", "typescript-native", "bin", "tsc");

/** A step that did not succeed, with what its commands printed. */
export class StepError extends Error {
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

const running = new Set();

/** On a terminal, the last line names what is running; elsewhere there are only the lines of steps that ended. */
function show(line) {
  const { isTTY } = process.stderr;
  const names = running.size === 0 ? "" : `… ${[...running].join(", ")}`;
  const ended = line === undefined ? "" : `${line}\n`;
  process.stderr.write(isTTY ? `\r\u001b[K${ended}${names}` : ended);
}

/**
 * Runs one step and prints one line with its time. When it fails, prints what its commands printed and ends the process.
 * @param work resolves with what the line says
 */
export async function step(doing, work) {
  const startedAt = performance.now();
  running.add(doing);
  show();
  try {
    const done = await work();
    running.delete(doing);
    show(`✓ ${done} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    running.clear();
    show();
    process.stderr.write(error.output);
    note(`✗ ${doing}: ${error.message}`);
    process.exit(1);
  }
}

/** Runs a command with its output on standard error; resolves with its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
    child.on("error", (error) => {
      note(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Lower than that of other lanes, and yet a quarter of a core that something else keeps busy; the lowest would get 1 %. */
const SECOND_PRIORITY = 5;

/** Runs a command and keeps its output; resolves with that and its exit code. */
function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    options.onStart?.(child);
    if (options.lowPriority === true && child.pid !== undefined) setPriority(child.pid, SECOND_PRIORITY);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    child.on("error", (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The same, at a lower priority where that is wanted. */
export function runQuietly(command, args, { lowPriority = false, env = process.env } = {}) {
  return capture(command, args, { lowPriority, env });
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const commands = new Set();

/** A terminal's Ctrl-C reaches every process; the signal of a supervisor only this one, and npm and compilers would go on. */
function stopCommands(signal) {
  for (const { pid } of commands)
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended.
    }
  if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
}

function holdCommand(child) {
  if (child.pid === undefined || process.platform === "win32") return;
  if (commands.size === 0) for (const signal of STOP_SIGNALS) process.on(signal, stopCommands);
  commands.add(child);
  child.on("close", () => {
    commands.delete(child);
    if (commands.size === 0) for (const signal of STOP_SIGNALS) process.off(signal, stopCommands);
  });
}

/** Runs a command of a step, which fails with the command's output. It ends with this process, and all that it started too. */
export async function runStep(command, args, options = {}) {
  // A group of its own, which signals are passed on to.
  const grouped = { detached: process.platform !== "win32", onStart: holdCommand, ...options };
  const { code, output } = await capture(command, args, grouped);
  if (code !== 0)
    throw new StepError(`\`${[basename(command), ...args].join(" ")}\` ended with ${code}`, output);
  return output;
}

function basename(path) {
  return path.split(/[\\/]/).at(-1);
}
