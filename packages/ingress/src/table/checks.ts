/**
 * The name of the checks that an API passes before it is served. A file that was written by a node with the same
 * checks need not be checked again: of a hundred thousand APIs that is a third of a start. Says nothing of who wrote
 * the file; digest and signature do.
 */

/** Of the sources of the checks; checks.test.ts fails when they have changed and says the new name. */
export const CHECKS = "a09b3977cb6f32f0";

/** What a source vouches for: its APIs passed the checks of this node, but for these. Null: nothing. */
export type Vouched = ReadonlySet<string> | null;
