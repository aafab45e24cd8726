/** Checks what a user wrote of the recording of headers and bodies. */
import { MASK_PATHS_MAX, parseMaskPath } from "@latchkey/core";
import type { Recording } from "@latchkey/snapshot";
import type { Problems } from "../../errors/user-error.js";
import type { Maybe } from "../../forms/form.js";

/** Long enough for a partner's next run, short enough that nobody forgets it. */
export const RECORDING_HOURS_MAX = 24;
const HOUR_MS = 3_600_000;

export interface RecordingForm {
  readonly until: Date;
  readonly mask?: Maybe<readonly string[]>;
}

const FIELD = ["input", "recording"] as const;

/** Left out, the recording stays; null ends it. What is wrong goes to `problems`. @param canEncrypt contents are kept encrypted, or not at all */
export function checkRecording(
  problems: Problems,
  base: Recording | null,
  form: Maybe<RecordingForm>,
  { nowMs, canEncrypt }: { readonly nowMs: number; readonly canEncrypt: boolean },
): Recording | null {
  if (form === undefined) return base;
  if (form === null) return null;
  if (!canEncrypt)
    problems.add(
      "NOT_RECOVERABLE",
      FIELD,
      "The control plane has no encryption key, so it cannot keep headers and bodies: set `encryptionKey` in its configuration.",
    );
  const untilMs = form.until.getTime();
  if (untilMs <= nowMs || untilMs > nowMs + RECORDING_HOURS_MAX * HOUR_MS)
    problems.add(
      "INVALID",
      [...FIELD, "until"],
      `The recording ends in the future, within ${RECORDING_HOURS_MAX} hours from now.`,
    );
  return { untilMs, mask: checkMask(problems, form.mask ?? []) };
}

function checkMask(problems: Problems, paths: readonly string[]): readonly string[] {
  const field = [...FIELD, "mask"];
  if (paths.length > MASK_PATHS_MAX) {
    problems.add("TOO_MANY", field, `There are at most ${MASK_PATHS_MAX} paths.`);
    return [];
  }
  for (const [i, path] of paths.entries()) {
    const parsed = parseMaskPath(path);
    if (!parsed.ok) problems.add("INVALID", [...field, String(i)], `\`${path}\`: ${parsed.error}.`);
  }
  return [...new Set(paths)].sort();
}
