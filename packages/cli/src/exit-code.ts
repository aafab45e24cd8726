/** Exit codes of the command and the error that leads to 2. */

export const EXIT = { success: 0, failure: 1, usage: 2 } as const;

/** The command line, a setting or a `LATCHKEY_*` variable that it reads is wrong: exit code 2. Everything else that fails is 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** How a verb reports its exit code. */
export type Done = (code: number) => void;
