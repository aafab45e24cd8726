/**
 * The version of the checks that an API passes before it is served. The last-known-good file names it: an API that was
 * checked by the same version is not checked again when a node starts, which saves a third of the start with a hundred
 * thousand APIs. Digest and signature, not this number, tell who wrote the file.
 */

/** Raise it with each change of what the checks accept; checks.test.ts fails when their sources change. */
export const VALIDATION_VERSION = 5;

/** Ids of the APIs to check again; all others passed the checks of this version. Null: check all of them. */
export type ApisToRecheck = ReadonlySet<string> | null;
