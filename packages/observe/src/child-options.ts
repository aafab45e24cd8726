/** Options of Node.js for processes that this one starts: this one's own, and none that opens a debugger. */

const DISABLE_SIGUSR1 = "--disable-sigusr1";

/** Until prepare-process.ts runs in a child, only this option keeps SIGUSR1 from opening its debugger. */
export function childExecArgv(): string[] {
  const inherited = process.execArgv.filter((option) => option !== DISABLE_SIGUSR1);
  return process.allowedNodeEnvironmentFlags.has(DISABLE_SIGUSR1)
    ? [...inherited, DISABLE_SIGUSR1]
    : inherited;
}
