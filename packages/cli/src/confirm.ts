/** Asks before something is lost. Without a terminal nothing is asked: `--yes` has to be given. */
import { createInterface } from "node:readline/promises";
import { escapeLine } from "@latchkey/observe/terminal-text";
import { UsageError } from "./exit-code.js";

/** @throws Error when the person says no; UsageError when nobody can be asked */
export async function confirmed(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new UsageError(`--yes is needed where nobody can be asked. ${question}`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const response = await lines.question(`${escapeLine(question)} [y/N] `).finally(() => lines.close());
  if (!/^y(es)?$/i.test(response.trim())) throw new Error("Nothing was changed.");
}
