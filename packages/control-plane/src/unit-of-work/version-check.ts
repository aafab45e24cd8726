/** The lost-update rule, for every noun: who changes must have seen the newest version. */
import { err } from "@latchkey/core";
import type { UserErrors } from "../errors/user-error.js";

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** A CONFLICT when the object has changed since the client read it; null otherwise. */
export function checkVersion(
  current: Versioned,
  expectedVersion: number | null | undefined,
): { readonly ok: false; readonly error: UserErrors } | null {
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
