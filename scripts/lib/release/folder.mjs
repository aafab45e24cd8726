// The folder of a release. It may be any folder, such as the home of its user: only what a release has made there is deleted.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const STAGING = "latchkey-staging";

/** Tarballs, and the bill of materials. */
export const RELEASE_FILE = /^latchkey-.*\.(?:tgz|cdx\.json)$/;

/** Deletes the release before, and returns the folder in which packages are put together. */
export function clearRelease(out) {
  mkdirSync(out, { recursive: true });
  for (const name of readdirSync(out))
    if (name === STAGING || RELEASE_FILE.test(name)) rmSync(join(out, name), { recursive: true });
  const staging = join(out, STAGING);
  mkdirSync(staging);
  return staging;
}
