/**
 * One row of the fault matrix as a test: what is done, what must hold, the target, and the figure that was seen. The
 * figure is printed and, for `npm run faults`, appended to the file that LATCHKEY_FAULTS_FILE names.
 */
import { appendFileSync } from "node:fs";
import { killProcesses } from "@latchkey/testkit";
import { it } from "vitest";
import { mode, rounds } from "./mode.js";

export interface Fault {
  /** Rows of the matrix that this covers. */
  readonly row: string;
  readonly fault: string;
  /** What must hold. */
  readonly holds: string;
  readonly target: string;
}

export interface FaultRecord extends Fault {
  readonly outcome: "held" | "broken" | "not run";
  readonly figure: string;
}

/** This machine cannot make the fault happen. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

/** Far more than a row takes, so that one that hangs is reported. */
const TIMEOUT_MS = rounds(300_000, 300_000, 1_800_000);

/** @param run makes the fault happen, checks what must hold, and tells the figure; it may throw NotHere at its start */
export function fault(
  row: Fault,
  run: () => Promise<string>,
  options: {
    /** Default: five minutes, half an hour in the nightly mode. */
    readonly timeoutMs?: number;
    /** Left to `npm run faults`: other tests of `npm test` hold the same promise in less time. */
    readonly isLong?: boolean;
  } = {},
): void {
  if (options.isLong === true && mode === "quick") return;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  it(`${row.row}. ${row.fault}: ${row.holds}`, { timeout: timeoutMs }, async (test) => {
    const { signal } = test;
    signal.addEventListener("abort", () => {
      record({ ...row, outcome: "broken", figure: `not over after ${timeoutMs / 1000} s` });
      killProcesses();
    });
    let figure: string;
    try {
      figure = await run();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (signal.aborted) throw error; // told already
      if (!(error instanceof NotHere)) {
        record({ ...row, outcome: "broken", figure: reason.split("\n")[0] ?? "" });
        throw error;
      }
      record({ ...row, outcome: "not run", figure: reason });
      test.skip(reason);
      return;
    }
    if (!signal.aborted) record({ ...row, outcome: "held", figure });
  });
}

function record(entry: FaultRecord): void {
  process.stderr.write(`fault ${entry.row}, ${entry.fault} [${entry.outcome}]: ${entry.figure}\n`);
  const file = process.env.LATCHKEY_FAULTS_FILE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
