/** The lost-update rule, for every noun: who changes must have seen the newest version. */
import { err } from "@latchkey/core";
import type { Refusal } from "../errors/user-error.js";

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** A CONFLICT refusal when somebody else was faster; null when all is well. */
export function refuseStale(
  current: Versioned,
  expectedVersion: number | null | undefined,
): { readonly ok: false; readonly error: Refusal } | null {
  if (expectedVersion === null || expectedVersion === undefined || expectedVersion === current.version)
    return null;
  return err([
    {
      code: "CONFLICT",
      field: ["input", "expectedVersion"],
      message: `It was changed in the meantime: version ${current.version} is the newest, ${expectedVersion} was expected.`,
      conflict: { currentVersion: current.version, currentId: current.id },
    },
  ]);
}
