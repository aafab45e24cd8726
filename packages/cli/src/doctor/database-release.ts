/** Whether the control plane of this release would open the database. Changes nothing. */
import type { StorageErrorCode } from "@latchkey/control-plane";
import { type Finding, ok, problem } from "./finding.js";

/**
 * Says nothing where SQLite cannot be loaded: that is a finding of the machine.
 *
 * @param todoOf what helps where the database cannot be looked into
 */
export async function releaseFindings(
  refuseNewer: () => Promise<void>,
  todoOf: (code: StorageErrorCode) => string,
): Promise<Finding[]> {
  const subject = "database release";
  const { StorageError } = await import("@latchkey/control-plane"); // not for every command
  try {
    await refuseNewer();
    return [ok(subject, "this one or an older one")];
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { code, message } = error;
    if (code === "engine") return [];
    if (code === "newer") return [problem(subject, message, "docs/deploy.md has both ways, under Upgrades.")];
    return [problem(subject, `not checked: ${message}`, todoOf(code))];
  }
}
