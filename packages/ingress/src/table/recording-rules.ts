/** What an API says of the recording of headers and bodies, as requests use it. */
import { invariant, type MaskPath, parseMaskPath } from "@latchkey/core";
import type { ApiResource } from "@latchkey/snapshot";

export interface RecordingRules {
  /** By the control plane's clock. */
  readonly untilMs: number;
  readonly mask: readonly MaskPath[];
}

/** Null: nothing is recorded. The codec has checked the paths. */
export function recordingRulesOf({ recording }: ApiResource): RecordingRules | null {
  if (recording === null) return null;
  const mask = recording.mask.map((path) => {
    const parsed = parseMaskPath(path);
    invariant(parsed.ok, "the codec has checked it");
    return parsed.value;
  });
  return { untilMs: recording.untilMs, mask };
}
