/** The version of an API as shown to people, such as `v1`. */
import type { Problems } from "../../errors/user-error.js";
import { apiLimits } from "./api.js";

/** Whether a text can be a version as shown to people. */
export function isVersionLabel(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) && text.length <= apiLimits.versionLabelCharsMax;
}

export function checkVersionLabel(problems: Problems, text: string): string {
  const label = text.trim();
  if (!isVersionLabel(label))
    problems.add(
      "INVALID",
      ["input", "versionLabel"],
      `A version is letters, digits, ".", "_" or "-", at most ${apiLimits.versionLabelCharsMax} characters, as in v1.`,
    );
  return label;
}
