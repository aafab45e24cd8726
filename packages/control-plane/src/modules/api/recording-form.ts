/** Checks what a user wrote of the recording of headers and bodies. */
import { MASK_PATHS_MAX, parseMaskPath } from "@latchkey/core";
import type { Problems } from "../../errors/user-error.js";
import type { Maybe } from "../../forms/form.js";
import type { ApiRecording } from "./api.js";

/** Long enough for a partner's next run, short enough that nobody forgets it. */
export const RECORDING_SECONDS_MAX = 86_400;

export interface RecordingForm {
  /** From now on: the clock of a client may differ. */
  readonly forSeconds: number;
  readonly mask?: Maybe<readonly string[]>;
}

const FIELD = ["input", "recording"] as const;

export interface RecordingContext {
  readonly nowMs: number;
  /** The operator's name. */
  readonly actor: string;
  /** Contents are kept encrypted, or not at all. */
  readonly canEncrypt: boolean;
}

/** Left out, the recording stays; null ends it. What is wrong goes to `problems`. */
export function checkRecording(
  problems: Problems,
  base: ApiRecording | null,
  form: Maybe<RecordingForm>,
  { nowMs, actor, canEncrypt }: RecordingContext,
): ApiRecording | null {
  if (form === undefined) return base;
  if (form === null) return null;
  if (!canEncrypt)
    problems.add(
      "NOT_RECOVERABLE",
      FIELD,
      "The control plane has no encryption key, so it cannot keep headers and bodies: set `encryptionKey` in its configuration.",
    );
  const { forSeconds } = form;
  if (forSeconds < 1 || forSeconds > RECORDING_SECONDS_MAX)
    problems.add(
      "INVALID",
      [...FIELD, "forSeconds"],
      `A recording lasts 1 to ${RECORDING_SECONDS_MAX} seconds (a day), not ${forSeconds}.`,
    );
  const untilMs = nowMs + forSeconds * 1_000;
  return { untilMs, mask: checkMask(problems, form.mask ?? []), startedBy: actor };
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
